import { describe, expect, test } from "vitest";
import type { Line } from "../evidence.ts";
import { bodyViolations } from "./bodies.ts";
import { crashViolations } from "./crashes.ts";
import { historyViolations, remainders } from "./histories.ts";
import { judge } from "./judge.ts";
import { onceViolations } from "./once.ts";
import { outcomesOf, outcomeViolations } from "./outcome.ts";
import { payloadViolations } from "./payloads.ts";
import {
  begun,
  body,
  calledOnce,
  cancelled,
  completed,
  created,
  hookCreated,
  kill,
  life,
  received,
  resume,
  RUN,
  stall,
  stepCompleted,
  stepCreated,
  stepRetrying,
  stepStarted,
  stepUnknown,
  stored,
  wake,
} from "./story.ts";

const said = (violations: readonly string[]): string => violations.join("\n");

/** A step that died with its first process, and was done by a second. */
const BEFORE = [created, begun, hookCreated, stepCreated, stepStarted(1)];
const AFTER = [...BEFORE, stepStarted(2), received("key"), stepCompleted, completed];
const FIRST: readonly Line[] = [
  { event: "ask", call: "start", pid: 1 },
  { event: "ack", call: "start", runId: RUN, pid: 1 },
  body("begin", 1, 1),
  kill(1),
];
const SECOND: readonly Line[] = [
  body("begin", 2, 2),
  resume("ask", "key", 2),
  resume("ack", "key", 2),
  body("end", 2, 2),
];
const CRASH = { lines: FIRST.length, stored: stored(BEFORE, { status: "running" }) };

test("a life as it should be has no violations", () => {
  expect(judge(life([...FIRST, ...SECOND], stored(AFTER), CRASH))).toEqual([]);
});

describe("histories", () => {
  test("a gap, an impossible event, a second end, and a status of its own are found", () => {
    const whole = stored(AFTER);
    const [run] = whole.runs;
    const gap = { ...whole, runs: [{ ...run!, history: run!.history.filter((event) => event.position !== 2) }] };
    expect(said(historyViolations(gap))).toContain("position 3 stands at 2");
    expect(said(historyViolations(stored([created, begun, stepStarted(1)])))).toContain("the step does not exist");
    expect(said(historyViolations(stored([...AFTER, completed])))).toContain("the history has 2 ends");
    expect(said(historyViolations(stored(AFTER, { status: "failed" })))).toContain("the run is failed");
  });

  test("turns that go back are found", () => {
    const whole = stored([created, begun, completed]);
    const history = whole.runs[0]!.history.map((event) => ({ ...event, turn: 4 - event.position }));
    expect(said(historyViolations({ ...whole, runs: [{ ...whole.runs[0]!, history }] }))).toContain(
      "comes after turn 3",
    );
  });

  test("what is left over is found", () => {
    const fact = { id: 1, event: { type: "run_cancelled", data: {}, at: 0 } } as const;
    expect(said(remainders(stored(BEFORE, { status: "running" })))).toContain("is still running");
    expect(said(remainders(stored(AFTER, { inbox: [fact] })))).toContain("1 facts in its inbox");
    expect(said(remainders(stored(AFTER, { problem: "other code" })))).toContain("was put aside: other code");
    expect(said(remainders({ ...stored(AFTER), tokens: ["door"] }))).toContain("hooks are active still: door");
    expect(said(remainders({ ...stored(AFTER), held: ['devl["a"]'] }))).toContain('payloads are held still: devl["a"]');
    expect(said(remainders({ ...stored(AFTER), nextDueAt: 5 }))).toContain("a run is due still");
  });
});

describe("payloads", () => {
  const withPayloads = (...payloads: readonly string[]) => stored([created, hookCreated, ...payloads.map(received)]);
  const acknowledged = (...payloads: readonly string[]): readonly Line[] =>
    payloads.flatMap((payload) => [resume("ask", payload), resume("ack", payload)]);

  test("an acknowledged one arrives exactly once", () => {
    expect(payloadViolations(acknowledged("a", "b"), withPayloads("a", "b"))).toEqual([]);
    expect(said(payloadViolations(acknowledged("a", "b"), withPayloads("a")))).toContain(
      "b was acknowledged, and arrived 0",
    );
    expect(said(payloadViolations(acknowledged("a"), withPayloads("a", "a")))).toContain(
      "a was acknowledged, and arrived 2",
    );
  });

  test("one in doubt arrives at most once, a refused one never", () => {
    expect(payloadViolations([resume("ask", "a")], withPayloads())).toEqual([]);
    expect(payloadViolations([resume("ask", "a")], withPayloads("a"))).toEqual([]);
    expect(said(payloadViolations([resume("ask", "a")], withPayloads("a", "a")))).toContain(
      "a was in doubt, and arrived 2",
    );
    expect(said(payloadViolations([resume("refused", "a")], withPayloads("a")))).toContain(
      "a was refused, and arrived 1",
    );
  });

  test("they arrive in the order in which they were sent; sent again counts", () => {
    expect(said(payloadViolations(acknowledged("a", "b"), withPayloads("b", "a")))).toContain(
      "sent a, b; arrived b, a",
    );
    expect(payloadViolations([resume("ask", "a"), ...acknowledged("a", "b")], withPayloads("a", "b"))).toEqual([]);
    expect(payloadViolations(acknowledged("a", "b", "a"), withPayloads("a", "b"))).toEqual([]);
  });
});

describe("bodies", () => {
  const end = stored(AFTER);

  test("one that begins while another runs is found, unless that one's process was killed", () => {
    const two = [body("begin", 1, 1), body("begin", 2, 2), body("end", 2, 2)];
    expect(said(bodyViolations(two, end))).toContain("attempt 2 began while attempt 1 ran in process 1");
    expect(bodyViolations([body("begin", 1, 1), kill(1), ...two.slice(1)], end)).toEqual([]);
  });

  test("a process lives as long as it writes, whatever its killer has written", () => {
    const undead = [body("begin", 1, 1), kill(1), body("begin", 2, 2), body("end", 1, 1), body("end", 2, 2)];
    expect(said(bodyViolations(undead, end))).toContain("attempt 2 began while attempt 1 ran");
  });

  test("one whose process stood still may go on beside the next, or begin too late", () => {
    const given = [body("begin", 1, 1), stall(1), body("begin", 2, 2), body("end", 1, 1), body("end", 2, 2)];
    expect(bodyViolations(given, end)).toEqual([]);
    const late = [stall(1), body("begin", 2, 2), body("begin", 1, 1), body("end", 1, 1), body("end", 2, 2)];
    expect(bodyViolations(late, end)).toEqual([]);
    const before = [stall(1), body("begin", 1, 1), body("begin", 2, 2), body("end", 2, 2)];
    expect(said(bodyViolations(before, end))).toContain("attempt 2 began while attempt 1 ran");
    const ignorant = [...before.slice(0, 2), body("end", 1, 1), body("begin", 2, 2), wake(1), body("end", 2, 2)];
    expect(bodyViolations(ignorant, end)).toEqual([]);
    const knowing = [stall(1), wake(1), ...before.slice(1)];
    expect(said(bodyViolations(knowing, end))).toContain("attempt 2 began while attempt 1 ran");
  });

  test("one that runs again needs a throw or a death", () => {
    const again = [body("begin", 1, 1), body("end", 1, 1), body("begin", 2, 1), body("end", 2, 1)];
    expect(said(bodyViolations(again, end))).toContain("attempt 1 had not thrown, nor died");
    const retried = stored([created, begun, stepCreated, stepStarted(1), stepRetrying, stepStarted(2), stepCompleted]);
    expect(bodyViolations(again, retried)).toEqual([]);
  });

  test("one that the history does not know is found", () => {
    expect(said(bodyViolations([body("begin", 1, 1)], stored([created])))).toContain("no history knows of it");
    const third = [kill(1), body("begin", 3, 2), body("end", 3, 2)];
    expect(said(bodyViolations(third, end))).toContain("attempt 3 ran without being started");
  });

  test("one that runs twice with one number, and a result without a run, are found", () => {
    const twice = [body("begin", 2, 1), body("end", 2, 1), body("begin", 2, 1), body("end", 2, 1)];
    expect(said(bodyViolations(twice, end))).toContain("attempt 2 ran 2 times");
    expect(said(bodyViolations([body("begin", 2, 1)], end))).toContain("did not run to its end");
    const numbered = stored([created, begun, stepCreated, stepStarted(2), stepCompleted]);
    expect(said(bodyViolations([body("begin", 2, 1), body("end", 2, 1)], numbered))).toContain("are numbered 2");
  });
});

describe("crashes", () => {
  const all = [...FIRST, ...SECOND];
  const at = (history: Parameters<typeof stored>[0], lines = FIRST.length) => ({ lines, stored: stored(history) });

  test("what was acknowledged and is not stored is found", () => {
    const nothing = { lines: FIRST.length, stored: { runs: [], tokens: [], held: [], nextDueAt: null } };
    expect(said(crashViolations(life(FIRST, stored(AFTER), nothing)))).toContain(
      `the start of ${RUN} was acknowledged`,
    );
    const keyLost = at(BEFORE, all.length);
    expect(said(crashViolations(life(all, stored(AFTER), keyLost)))).toContain("the payload key was acknowledged");
    const heldAt = { lines: all.length, stored: { ...stored(BEFORE), held: ['devl["key"]'] } };
    expect(said(crashViolations(life(all, stored(AFTER), heldAt)))).not.toContain("the payload key");
    const owner = { ...created, data: { ...created.data, token: "door" } } as typeof created;
    const waiting = at([owner, begun], all.length);
    expect(said(crashViolations(life(all, stored(AFTER), waiting)))).not.toContain("the payload key");
    const missed = at([owner, begun, hookCreated], all.length);
    expect(said(crashViolations(life(all, stored(AFTER), missed)))).toContain("the payload key");
    const cancel: Line = { event: "ack", call: "cancel", runId: RUN, pid: 1 };
    const lines = [...FIRST, cancel];
    expect(said(crashViolations(life(lines, stored(AFTER), at(BEFORE, lines.length))))).toContain(
      "the cancellation of",
    );
    const fact = { id: 1, event: { type: "run_cancelled", data: {}, at: 0 } } as const;
    const kept = { lines: lines.length, stored: stored(BEFORE, { inbox: [fact] }) };
    expect(said(crashViolations(life(lines, stored(AFTER), kept)))).not.toContain("the cancellation of");
  });

  test("a body that began before its start was durable is found", () => {
    expect(said(crashViolations(life(all, stored(AFTER), at([created, begun, stepCreated]))))).toContain(
      "was not durable",
    );
  });

  test("a history that does not go on from what was stored is found", () => {
    const other = at([...BEFORE, stepCompleted]);
    expect(said(crashViolations(life(all, stored(AFTER), other)))).toContain("was rewritten");
  });

  test("a step that was over and ran again, and one with the wrong attempt, are found", () => {
    const over = at([...BEFORE, stepCompleted]);
    expect(said(crashViolations(life(all, stored(AFTER), over)))).toContain("was completed, and ran again");
    const third = [...FIRST, body("begin", 3, 2), body("end", 3, 2)];
    expect(said(crashViolations(life(third, stored(AFTER), CRASH)))).toContain("went on with attempt 3, not 2");
  });

  test("an attempt for which there was no reason is found; one that died is counted once", () => {
    const idle = at([created, begun, hookCreated, stepCreated], 2);
    expect(said(crashViolations(life(all, stored(AFTER), idle)))).toContain("had 2 attempts, and reasons for 1");
    expect(crashViolations(life(all, stored(AFTER), CRASH, CRASH))).toEqual([]);
  });
});

describe("steps that may run at most once", () => {
  const before = [created, begun, calledOnce, stepStarted(1)];
  const given = [...before, stepUnknown, completed];
  const crash = { lines: 2, stored: stored(before, { status: "running" }) };
  const ran = [body("begin", 1, 1), kill(1)];

  test("one whose process died may be unknown, also in comparison", () => {
    expect(onceViolations(life(ran, stored(given), crash))).toEqual([]);
    const expected = outcomesOf(stored([...before, stepCompleted, completed]));
    expect(outcomeViolations(expected, outcomesOf(stored(given)))).toEqual([]);
  });

  test("a second start, and a second body, are found", () => {
    const again = [...before, stepStarted(2), stepCompleted, completed];
    expect(said(onceViolations(life(ran, stored(again), crash)))).toContain("was started 2 times");
    const twice = [...ran, body("begin", 1, 2), body("end", 1, 2)];
    expect(said(onceViolations(life(twice, stored(given), crash)))).toContain("ran 2 times");
  });

  test("one that is unknown without a reason, or may run again, is found", () => {
    expect(said(onceViolations(life(ran, stored(given))))).toContain("though no process died under it");
    const other = [created, begun, stepCreated, stepStarted(1), stepUnknown, completed];
    expect(said(onceViolations(life(ran, stored(other), crash)))).toContain("may run again, and its outcome");
  });
});

test("an acknowledged cancellation that did not happen is found", () => {
  const cancel: Line = { event: "ack", call: "cancel", runId: RUN, pid: 1 };
  expect(said(judge(life([cancel], stored([created, begun, completed]))))).toContain("was cancelled, and is completed");
  const gone = stored([created, begun, cancelled], { status: "cancelled" });
  expect(judge(life([cancel], gone))).toEqual([]);
});

test("outcomes are compared by status, result, steps and payloads, and not by attempts", () => {
  const expected = outcomesOf(stored(AFTER));
  expect(expected).toMatchObject([{ result: "done", payloads: { door: [{ payload: "key" }] } }]);
  const calm = stored([
    created,
    begun,
    hookCreated,
    stepCreated,
    stepStarted(1),
    received("key"),
    stepCompleted,
    completed,
  ]);
  expect(outcomeViolations(expected, outcomesOf(calm))).toEqual([]);
  expect(said(outcomeViolations(expected, []))).toContain("there are 0 runs, not 1");
  for (const missing of [received("key"), stepCompleted, completed]) {
    const less = stored(AFTER.filter((event) => JSON.stringify(event) !== JSON.stringify(missing)));
    expect(said(outcomeViolations(expected, outcomesOf(less)))).toContain("came to");
  }
});
