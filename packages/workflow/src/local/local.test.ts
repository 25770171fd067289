import { describeWorld } from "@workflow/world/testkit";
import { temporaryDirectory } from "./fixtures/scene.ts";
import { createLocalWorld } from "./world.ts";

// What is asked here does not depend on the power, and goes faster without waiting for the disk.
describeWorld("local", ({ clock }) =>
  createLocalWorld({ directory: temporaryDirectory(), durability: "process", clock }),
);
