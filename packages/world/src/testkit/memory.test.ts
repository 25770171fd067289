import { createMemoryWorld, describeWorld } from "./index.ts";

describeWorld("memory", async ({ clock }) => createMemoryWorld({ clock }));
