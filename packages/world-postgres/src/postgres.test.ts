import { randomBytes } from "node:crypto";
import { describeAgainstModel, describeWorld } from "@workflow/world/testkit";
import { serverUrl } from "./fixtures/server.ts";
import { createWorld } from "./world.ts";

const connectionString = serverUrl();
const fresh = (): string => `kit_${randomBytes(8).toString("hex")}`;

describeWorld("postgres", ({ clock }) => createWorld({ connectionString, schema: fresh(), clock }));
describeAgainstModel("postgres", ({ clock }) => createWorld({ connectionString, schema: fresh(), clock }));
