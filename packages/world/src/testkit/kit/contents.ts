import { describe, expect } from "vitest";
import {
  CODE,
  completed,
  hookCreated,
  newRunOf,
  payload,
  runIdOf,
  said,
  stepCompleted,
  stepCreated,
  stepStarted,
} from "./events.ts";
import type { Check } from "./scene.ts";
import { expectRefused, snapshotOf } from "./snapshot.ts";

/** Text that databases, encodings and escapes are known to change. Well-formed: a World keeps it to the letter. */
const AWKWARD: readonly (readonly [string, string])[] = [
  ["the empty text", ""],
  ["quotes and backslashes", `'"\`\\'; DROP TABLE runs; --`],
  ["line ends and tabs", "a\r\nb\nc\rd\te"],
  ["control characters", "\u0001\u0007\u001b\u007f\u0085"],
  ["line separators", "\u2028\u2029"],
  ["a byte order mark", "\ufeffdevl"],
  ["no normal form", "e\u0301 \u00e9 \ufb01 \u212b"],
  ["characters beyond the basic plane", "\u{1f469}\u200d\u{1f680} \u{10ffff}"],
  ["noncharacters", "\uffff \ufdd0"],
  ["text from right to left", "\u202eabc\u05d0\u05d1"],
  ["something like JSON", '{"__proto__":null}'],
  ["something like a number", "1e400"],
  ["surrounding space", "  a  "],
];

/** Text that many stores cannot hold. Payloads and tokens of the engine do not contain it. */
const ILL_FORMED: readonly (readonly [string, string])[] = [
  ["a NUL", "a\0b"],
  ["a lone high surrogate", "a\ud800b"],
  ["a lone low surrogate", "\udc00"],
];

/** What goes in comes out: payloads are opaque. */
export function describeContents(check: Check): void {
  describe("contents", () => {
    describeTexts(check);
    describeSizes(check);
    describeCreation(check);
    describeCode(check);
  });
}

function describeTexts(check: Check): void {
  for (const [what, text] of AWKWARD) {
    check(`${what} is kept to the letter, wherever it stands`, async ({ world, own }) => {
      const owner = await own("wrkr_a", { input: text, attributes: { [text]: text } });
      const token = `token ${text}`;
      await owner.commit(hookCreated("hook_1", token, text), stepCreated("step_1"), stepStarted("step_1"));
      await world.deliver({ token }, { ...said(""), payload: text });
      await owner.commit(stepCompleted("step_1", text));
      const [fact] = await owner.inbox();
      expect(fact?.event.payload).toBe(text);
      expect(await world.hooks.getByToken(token)).toMatchObject({ token, metadata: text });
      await owner.turn({
        entries: [{ kind: "admit", factId: Number(fact?.id), undelivered: false }],
      });
      const history = await owner.history();
      expect(history.map((event) => event.payload)).toEqual([
        text,
        undefined,
        text,
        payload("of step_1"),
        undefined,
        text,
        text,
      ]);
      expect(await world.runs.get(owner.runId)).toMatchObject({
        input: text,
        attributes: { [text]: text },
      });
      expect((await world.steps.get(owner.runId, "step_1")).output).toBe(text);
    });
  }

  for (const [what, text] of ILL_FORMED) {
    check(`a payload with ${what} comes back as it was, or is refused`, async ({ world, own }) => {
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      const refusal = await world.deliver({ token: "door" }, { ...said(""), payload: text }).then(
        () => undefined,
        (error: unknown) => error,
      );
      const kept = (await owner.inbox()).map((fact) => fact.event.payload);
      expect(kept).toEqual(refusal === undefined ? [text] : []);
      if (refusal !== undefined) expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT" });
    });
  }
}

function describeSizes(check: Check): void {
  check("payloads of a mebibyte are kept", async ({ world, own }) => {
    const big = payload(`${"\u00fc".repeat(524_288)}end`);
    const owner = await own("wrkr_a", { input: big });
    await owner.commit(hookCreated("hook_1", "door", big));
    await world.deliver({ token: "door" }, { ...said(""), payload: big });
    const [fact] = await owner.inbox();
    await owner.turn({
      entries: [{ kind: "admit", factId: Number(fact?.id), undelivered: false }],
    });
    for (const position of [0, 2, 3]) expect((await owner.history())[position]?.payload === big).toBe(true);
  });

  check("times are kept to the millisecond, far in the past and the future", async ({ world, own }) => {
    const { runId, commit, history } = await own("wrkr_a", { createdAt: 0 });
    const at = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    await commit({ ...stepCreated("step_1"), at });
    expect((await history())[2]?.at).toBe(at);
    expect((await world.steps.get(runId, "step_1")).createdAt).toEqual(new Date(at));
    expect((await world.runs.get(runId)).createdAt).toEqual(new Date(0));
  });
}

function describeCreation(check: Check): void {
  check("a run of unknown code is refused", async ({ world }) => {
    const refusal = { name: "WorkflowWorldError", code: "INVALID_ARGUMENT", field: "codeHash" };
    const run = newRunOf(1, { codeHash: "f00d" });
    await expectRefused(world, () => world.createRun(run), "INVALID_ARGUMENT");
    await expect(world.createRun(run)).rejects.toMatchObject(refusal);
  });

  check("an id that is taken is refused, and the run that has it stays as it is", async ({ world, own }) => {
    const { runId, commit } = await own();
    const run = newRunOf(9, { runId });
    await expectRefused(world, () => world.createRun(run), "INVALID_ARGUMENT");
    await expectRefused(world, () => world.createRun(run, "wrkr_a"), "INVALID_ARGUMENT");
    await expect(world.createRun(run)).rejects.toMatchObject({ field: "runId" });
    await commit(completed);
  });

  check("of ten creations with one id, one wins", async ({ world }) => {
    const attempts = Array.from({ length: 10 }, (_, n) => world.createRun(newRunOf(1, { input: payload(`try ${n}`) })));
    const results = await Promise.allSettled(attempts);
    const won = results.flatMap((result, n) => (result.status === "fulfilled" ? [payload(`try ${n}`)] : []));
    expect(won).toHaveLength(1);
    expect((await world.runs.get(runIdOf(1))).input).toBe(won[0]);
    expect((await world.read(runIdOf(1), 0)).history).toHaveLength(1);
  });
}

function describeCode(check: Check): void {
  check("code is kept by its hash, and is never replaced", async ({ world }) => {
    const code = { hash: "beef".repeat(16), source: `const é = "\u2028";\n`, map: '{"version":3}' };
    expect(await world.code.get(code.hash)).toBeNull();
    await world.code.put(code);
    await Promise.all(Array.from({ length: 5 }, () => world.code.put(code)));
    await world.code.put({ ...code, source: "another" });
    expect(await world.code.get(code.hash)).toEqual(code);
    expect(await world.code.get(CODE.hash)).toEqual(CODE);
  });

  check("storing code writes nothing else", async ({ world, own }) => {
    await own();
    const before = await snapshotOf(world);
    await world.code.put({ hash: "beef", source: "x".repeat(1_000_000), map: "" });
    expect(await snapshotOf(world)).toEqual(before);
    expect((await world.code.get("beef"))?.source).toHaveLength(1_000_000);
  });

  check("code goes when all runs that use it have ended, and not before", async ({ world, own }) => {
    const other = { hash: "beef".repeat(16), source: "exports.y = 2;", map: "{}" };
    const unused = { hash: "dead".repeat(16), source: "exports.z = 3;", map: "" };
    await world.code.put(other);
    await world.code.put(unused);
    const ended = await own();
    const going = await own("wrkr_a", { codeHash: other.hash });
    expect(await world.code.collect(Infinity)).toBe(1);
    expect(await world.code.get(unused.hash)).toBeNull();
    await ended.commit(completed);
    expect(await world.code.collect(Infinity)).toBe(1);
    expect(await world.code.get(CODE.hash)).toBeNull();
    expect(await world.code.get(other.hash)).toEqual(other);
    expect(await world.code.collect(Infinity)).toBe(0);
    expect((await world.runs.get(ended.runId)).deploymentId).toBe(CODE.hash);
    await going.commit(completed);
    expect(await world.code.collect(Infinity)).toBe(1);
  });

  check("code that was stored just now does not go, though no run needs it yet", async ({ world, clock }) => {
    const storedAt = clock.now();
    expect(await world.code.collect(storedAt)).toBe(0);
    clock.advance(1);
    await world.code.put(CODE);
    expect(await world.code.collect(storedAt + 1)).toBe(0);
    expect(await world.code.collect(storedAt + 2)).toBe(1);
  });

  check("code that went can be stored again; without it no run begins", async ({ world, create }) => {
    expect(await world.code.collect(Infinity)).toBe(1);
    await expectRefused(world, () => world.createRun(newRunOf(7)), "INVALID_ARGUMENT");
    await world.code.put(CODE);
    expect(await world.code.get(CODE.hash)).toEqual(CODE);
    await create();
    expect(await world.code.collect(Infinity)).toBe(0);
  });
}
