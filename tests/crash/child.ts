// node --import workflow/register tests/crash/child.ts <scenario> [--world memory] [--crash <point>] [--report <file>]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createWorld, setWorld, startWorker, type World } from "workflow/runtime";
import { createDriver, type Scenario } from "./driver.ts";
import { type Dump, dumpWorld } from "./dump.ts";
import { createMortal } from "./mortal.ts";

/**
 * The program that is killed: it works on a World and tells a scenario from outside, in one process. Without `--crash`
 * it goes on to the end of the scenario.
 */
export interface ChildReport {
  /** Where it could have been killed, in order. */
  readonly points: readonly string[];
  readonly end: Dump;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { world: { type: "string" }, crash: { type: "string" }, report: { type: "string" } },
});
const { drive, workerOptions } = (await import(`./scenarios/${positionals[0]}.ts`)) as Scenario;

const { world, onAck, points } = createMortal(await openWorld(), options.crash);
setWorld(world);
const worker = await startWorker({ ...workerOptions, world });
await drive(createDriver(world, onAck));
await worker.stop();
const end = await dumpWorld(world);
await world.close();
if (options.report !== undefined) writeFileSync(options.report, JSON.stringify({ points, end } satisfies ChildReport));

async function openWorld(): Promise<World> {
  if (options.world !== "memory") return createWorld();
  return (await import("../../packages/world/src/testkit/memory/world.ts")).createMemoryWorld();
}
