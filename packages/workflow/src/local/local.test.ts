import { describeAgainstModel, describeWorld } from "@workflow/world/testkit";
import { temporaryDirectory } from "./fixtures/scene.ts";
import { createLocalWorld } from "./world.ts";

describeWorld("local", ({ clock }) => createLocalWorld({ directory: temporaryDirectory(), clock }));

describeAgainstModel("local", ({ clock }) => createLocalWorld({ directory: temporaryDirectory(), clock }));
