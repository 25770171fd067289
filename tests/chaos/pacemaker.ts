// node --import workflow/register tests/chaos/pacemaker.ts <runs>
import { start } from "workflow/api";
import { getWorld } from "workflow/runtime";
import { pacer } from "./pacers.ts";

/** A process without a worker that starts some runs and names them. */
const runs = await Promise.all(Array.from({ length: Number(process.argv[2]) }, () => start(pacer, [])));
console.log(`started ${runs.map(({ runId }) => runId).join(" ")}`);
await (await getWorld()).close();
