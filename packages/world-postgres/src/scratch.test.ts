import { randomBytes } from "node:crypto";
import { describeAgainstModel, describeWorld } from "@workflow/world/testkit";
import { scratchWorld } from "./scratch-world.ts";
const url = process.env["WORKFLOW_TEST_POSTGRES_URL"] ?? "";
describeWorld("postgres", ({ clock }) => scratchWorld(url, `t_${randomBytes(8).toString("hex")}`, clock));
describeAgainstModel("postgres", ({ clock }) => scratchWorld(url, `t_${randomBytes(8).toString("hex")}`, clock));
