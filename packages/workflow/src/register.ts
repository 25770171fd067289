// node --import workflow/register app.ts
import { requireSupportedNode } from "./node-version.ts";

requireSupportedNode();
// Only now: an old Node could not even link what follows.
await import("./build/register.ts");
