import { expect, test } from "vitest";
import type { Command } from "./boundary.ts";
import { BEGIN, begin, type Session } from "./fixtures/session.ts";

const types = (session: Session): readonly string[] => session.asked.map(({ type }) => type);

const idOf = (command: Command): unknown => ("id" in command ? command.id : undefined);

/** Has the hook of the body get a payload; says what the code asked for then. */
function afterPayload(body: string): Session {
  const session = begin(body);
  session.received(session.command("hook"), "payload");
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
  return session;
}

test.each([
  ["race", `await Promise.race([createHook(), sleep("1d")]); await work();`],
  ["any", `await Promise.any([createHook(), sleep("1d")]); await work();`],
  ["a race of which nothing is awaited", `void Promise.race([createHook(), sleep("1d")]); await work();`],
])("a sleep that lost is closed: %s", (_what, body) => {
  const session = afterPayload(body);
  expect(session.asked).toContainEqual({ ...session.command("closeWait"), id: idOf(session.command("wait")) });
});

test("a sleep in two races is closed when the second is won", () => {
  const session = begin(`const nap = sleep("1d"); void Promise.race([createHook(), nap]);
    void Promise.race([createHook(), nap]); await createHook();`);
  session.received(session.command("hook"), 1);
  expect(session.asked).toEqual([]);
  session.received(session.command("hook", 1), 2);
  expect(types(session)).toEqual(["closeWait"]);
});

test("a sleep that lost to the failure of a step is closed", () => {
  const session = begin(`await Promise.race([work(), sleep("1d")]).catch(() => work());`);
  session.failed(session.command("step"), new Error("no"));
  expect(types(session)).toEqual(["step", "closeWait"]);
});

test.each([
  ["then", `await Promise.race([createHook(), sleep("1d").then(() => "late")]); await work();`],
  [
    "then, beside the race",
    `const nap = sleep("1d"); nap.then(() => work()); await Promise.race([createHook(), nap]); await work();`,
  ],
  [
    "finally",
    `const nap = sleep("1d"); nap.finally(() => work()); await Promise.race([createHook(), nap]); await work();`,
  ],
  [
    "await",
    `const nap = sleep("1d"); (async () => { await nap; })(); await Promise.race([createHook(), nap]); await work();`,
  ],
  ["await after the race", `const nap = sleep("1d"); await Promise.race([createHook(), nap]); await nap;`],
  ["return", `const nap = sleep("1d"); await Promise.race([createHook(), nap]); return nap;`],
  ["all", `const nap = sleep("1d"); void Promise.all([nap]); await Promise.race([createHook(), nap]); await work();`],
  [
    "another race that is open",
    `const nap = sleep("1d"); void Promise.race([work(), nap]); await Promise.race([createHook(), nap]); await work();`,
  ],
  ["the next round", `const nap = sleep("1d"), hook = createHook(); for (;;) await Promise.race([hook, nap]);`],
  ["no race at all", `void sleep("1d"); await createHook(); await work();`],
])("a sleep that someone else waits for stays open: %s", (_who, body) => {
  expect(types(afterPayload(body))).not.toContain("closeWait");
});

test("what waits beside a lost race comes at its time", () => {
  const session = afterPayload(
    `const nap = sleep("1d"); const other = (async () => { await nap; return "woke"; })();
     return [await Promise.race([createHook(), nap]), await other];`,
  );
  session.slept(session.command("wait"));
  expect(session.output()).toEqual(["payload", "woke"]);
});

test("a run that ends when its sleep loses closes nothing", () => {
  expect(types(afterPayload(`return Promise.race([createHook(), sleep("1d")]);`))).toEqual(["complete"]);
});

test("a sleep that lost in the instant in which it was begun leaves nothing", () => {
  const session = begin(`await Promise.race([Promise.resolve(), sleep("1d")]); await work();`);
  expect(types(session)).toEqual(["step"]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test.each([
  ["awaited", `await nap; return "woke";`],
  ["raced", `return (await Promise.race([createHook(), nap])) ?? "woke";`],
])("a closed sleep that is %s later ends when it would have", (_how, rest) => {
  const session = afterPayload(
    `const nap = sleep("1h"); await Promise.race([createHook(), nap]); await work(); ${rest}`,
  );
  expect(types(session)).toEqual(["step", "closeWait"]);
  session.stepped(session.command("step"), null);
  const [first, again] = [session.command("wait"), session.command("wait", 1)];
  expect(session.asked).toContain(again);
  expect(idOf(again)).not.toBe(idOf(first));
  expect(again).toMatchObject({ resumeAt: BEGIN + 1_000 + 3_600_000 });
  session.slept(again);
  expect(session.output()).toBe("woke");
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("a sleep that was over is over, however often it is asked", () => {
  const session = begin(`const nap = sleep("1h"); const seen = [];
    for (let n = 0; n < 3; n++) { seen.push(await Promise.race([nap, createHook()])); await work(); }
    return [...seen, await nap, nap instanceof Promise, nap.then() instanceof Promise];`);
  session.slept(session.command("wait"));
  for (const n of [0, 1, 2]) session.stepped(session.command("step", n), null);
  expect(session.output()).toEqual([undefined, undefined, undefined, undefined, true, true]);
  expect(session.commands.filter(({ type }) => type === "wait")).toHaveLength(1);
});

test("code that comes back to its deadline in every round pays for it once", () => {
  const session = begin(`const hook = createHook(); const deadline = sleep("1h"); const seen = [];
    for (;;) {
      const won = await Promise.race([hook, deadline]);
      if (won === undefined) return seen;
      seen.push(await work(won));
    }`);
  for (let n = 0; n < 10; n++) {
    session.received(session.command("hook"), n);
    session.stepped(session.command("step", n), n);
  }
  const waits = session.commands.filter(({ type }) => type === "wait" || type === "closeWait");
  expect(waits.map(({ type }) => type)).toEqual(["wait", "closeWait", "wait"]);
  session.slept(session.command("wait", 1));
  expect(session.output()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});
