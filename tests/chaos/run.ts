// node tests/chaos/run.ts [chaos | connections | recovery] [--seed <number>] [--runs <number>] [--seconds <number>]
import { parseArgs } from "node:util";
import { type Kind, KINDS, OF_CONNECTIONS } from "./disturbances.ts";
import { measureRecovery } from "./recovery.ts";
import { runChaos } from "./run-chaos.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    runs: { type: "string", default: "2000" },
    seconds: { type: "string", default: "150" },
  },
});
const [what = "chaos", ...more] = positionals;
if (!["chaos", "connections", "recovery"].includes(what) || more.length > 0) {
  console.error(`There is no ${positionals.join(" ")}. There are chaos, connections and recovery`);
  process.exit(2);
}
if (what === "recovery") await recover();
else await rage(what === "connections" ? OF_CONNECTIONS : KINDS);

async function rage(kinds: readonly Kind[]): Promise<void> {
  const [seed, runs, seconds] = [values.seed, values.runs, values.seconds].map(Number) as [number, number, number];
  console.log(`${what}: ${runs} runs in ${seconds} s with --seed ${seed}`);
  const result = await runChaos({ seed, runs, seconds, kinds });
  for (const [kind, times] of result.disturbances) console.log(`  ${kind.padEnd(18)} ${times}`);
  console.log(`  ${result.runs} runs with ${result.bodies} step bodies; ${Math.round(result.settledMs)} ms to settle`);
  for (const violation of result.violations) console.error(violation);
  console.log(result.violations.length === 0 ? "ok" : "FAILED");
  if (result.violations.length > 0) process.exitCode = 1;
}

async function recover(): Promise<void> {
  const { kills, times } = await measureRecovery();
  const at = (part: number): number => times[Math.min(Math.floor(part * times.length), times.length - 1)] ?? Number.NaN;
  console.log(`recovery: ${times.length} runs of ${kills} killed workers went on elsewhere after`);
  console.log(`  p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`);
}
