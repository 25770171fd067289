import { randomBytes } from "node:crypto";
import { describeAgainstModel, describeWorld } from "@workflow/world/testkit";
import { createWorld } from "./world.ts";
const connectionString = process.env["WORKFLOW_TEST_POSTGRES_URL"] ?? "";
const fresh = (): string => `t_${randomBytes(8).toString("hex")}`;
describeWorld("postgres", ({ clock }) => createWorld({ connectionString, schema: fresh(), clock }));
describeAgainstModel("postgres", ({ clock }) => createWorld({ connectionString, schema: fresh(), clock }));
