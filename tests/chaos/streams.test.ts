import { expect, test } from "vitest";
import type { Line } from "../crash/evidence.ts";
import { begun, completed, created, RUN, stepCompleted, stepStarted, stored } from "../crash/checks/story.ts";
import { CHUNKS } from "./plan.ts";
import { streamViolations } from "./streams.ts";

const stepCreated = {
  type: "step_created",
  correlationId: "step_1",
  data: { stepName: "step//./shapes//tell" },
} as const;
const end = stored([created, begun, stepCreated, stepStarted(1), stepStarted(2), stepCompleted, completed]);

function chunksOf(attempt: number, count: number = CHUNKS): readonly string[] {
  return Array.from({ length: count }, (_, n) => `step_1 ${attempt} ${n}`);
}

function read(...chunks: readonly string[]): Line {
  return { event: "read", runId: RUN, chunks, pid: 1 };
}

test("an attempt that was lost may have written a beginning, before or within what the next one wrote", () => {
  const [first = "", ...rest] = chunksOf(2);
  expect(streamViolations([read(...chunksOf(2))], end)).toEqual([]);
  expect(streamViolations([read(...chunksOf(1, 2), ...chunksOf(2))], end)).toEqual([]);
  expect(streamViolations([read(first, ...chunksOf(1), ...rest)], end)).toEqual([]);
});

test("of a step that completed no chunk is missing, doubled or out of order", () => {
  const whole = chunksOf(2);
  expect(streamViolations([read(...whole.slice(0, -1))], end)).toHaveLength(1);
  expect(streamViolations([read(...chunksOf(1))], end)).toHaveLength(1);
  expect(streamViolations([read(...whole, ...whole.slice(-1))], end)).toHaveLength(1);
  expect(streamViolations([read(...whole.toReversed())], end)).toHaveLength(1);
  expect(streamViolations([read(...chunksOf(1, 3).slice(1), ...whole)], end)).toHaveLength(1);
});

test("a stream that nobody read proves nothing", () => {
  expect(streamViolations([], end)).toEqual([`the stream of ${RUN} was not read`]);
});
