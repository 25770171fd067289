import { stepHistories } from "../crash/checks/attempts.ts";
import type { Dump } from "../crash/dump.ts";
import type { Line } from "../crash/evidence.ts";
import { CHUNKS } from "./plan.ts";

/**
 * Whether each reader got what was written: of the attempt of a step that completed every chunk, of the others the
 * beginning of them; each once, in order. A chunk is `<step> <attempt> <number>`.
 */
export function streamViolations(evidence: readonly Line[], end: Dump): readonly string[] {
  const told = stepHistories(end).filter(({ name, status }) => name.endsWith("//tell") && status === "completed");
  const byRun = Map.groupBy(told, ({ runId }) => runId);
  const reads = evidence.filter((line) => line.event === "read");
  const readRuns = new Set(reads.map(({ runId }) => runId));
  return [
    ...[...byRun.keys()].filter((runId) => !readRuns.has(runId)).map((runId) => `the stream of ${runId} was not read`),
    ...reads.flatMap(({ runId, chunks }) => {
      const written = Map.groupBy(chunks, (chunk) => chunk.slice(0, chunk.lastIndexOf(" ")));
      const last = (byRun.get(runId) ?? []).map(({ stepId, started }) => `${stepId} ${started.at(-1)}`);
      return [...new Set([...written.keys(), ...last])].flatMap((body) => {
        const numbers = (written.get(body) ?? []).map((chunk) => Number(chunk.slice(body.length)));
        const isWhole = numbers.length === CHUNKS || !last.includes(body);
        const isOrdered = numbers.every((number, index) => number === index);
        return isWhole && isOrdered ? [] : [`of ${body} of ${runId} a reader got the chunks ${numbers.join(", ")}`];
      });
    }),
  ];
}
