#!/usr/bin/env node
// Not built, so that npm can link it before anything is.
import { requireSupportedNode } from "../dist/node-version.js";

requireSupportedNode();
// Only now: an old Node could not even link what follows.
const { main } = await import("../dist/cli/main.js");
await main(process.argv.slice(2));
