import { expect, test } from "vitest";
import { BEGIN, begin } from "./fixtures/session.ts";

const NOW = BEGIN + 1_000;
const DAY = 24 * 60 * 60 * 1_000;

test.each([
  [`"2 days"`, NOW + 2 * DAY],
  [`1500`, NOW + 1_500],
  [`new Date(${NOW + 7})`, NOW + 7],
])("expiresIn and experimental_minRetention take what sleep takes: %s", (given, at) => {
  const session = begin(`createHook({ token: "t", expiresIn: ${given}, experimental_minRetention: ${given} });
    createHook({ token: "u" }); await sleep(1);`);
  expect(session.command("hook")).toMatchObject({ token: "t", expiresAt: at, tokenRetentionUntil: at });
  expect(session.command("hook", 1)).not.toHaveProperty("expiresAt");
  expect(session.command("hook", 1)).not.toHaveProperty("tokenRetentionUntil");
});

test("a token is retained for 30 days at most [01-1.6.retention]", () => {
  const session = begin(`createHook({ expiresIn: "60d", experimental_minRetention: "31d" }); await sleep(1);`);
  expect(session.command("hook")).toMatchObject({
    expiresAt: NOW + 60 * DAY,
    tokenRetentionUntil: NOW + 30 * DAY,
  });
});

test.each(["expiresIn", "experimental_minRetention"])(
  "what is no time is refused, and no hook is made: %s",
  (option) => {
    const session = begin(`createHook({ ${option}: {} });`);
    expect(String(session.error())).toContain(`${option} of createHook() takes a duration`);
    expect(session.asked.map(({ type }) => type)).toEqual(["fail"]);
  },
);

const SAY = `const say = (promise) => promise.then((got) => got, (e) => [e instanceof HookExpiredError, e.code, e.token]);`;
const EXPIRED = [true, "HOOK_EXPIRED", "t"];

test("whoever waits for an expired hook gets HookExpiredError, now and later", () => {
  const session = begin(`${SAY} const hook = createHook({ token: "t", expiresIn: "1h" });
    const next = (iterator) => say(iterator.next());
    const waiting = [say(hook), say(hook.receive()), say(hook.receive({ timeout: "1d" })), next(hook[Symbol.asyncIterator]())];
    const first = await Promise.all(waiting);
    return [first, await say(hook), await say(hook.receive({ timeout: "1d" })), await next(hook[Symbol.asyncIterator]()),
      await say(Promise.race([hook, sleep("1d")])), await hook.getConflict()];`);
  const hook = session.command("hook");
  session.registered(hook);
  session.expired(hook);
  expect(session.output()).toEqual([[EXPIRED, EXPIRED, EXPIRED, EXPIRED], EXPIRED, EXPIRED, EXPIRED, EXPIRED, null]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("the wait of a receive that the end of its hook ended is closed", () => {
  const session = begin(`await createHook({ expiresIn: "1h" }).receive({ timeout: "1d" }).catch(() => work());`);
  session.expired(session.command("hook"));
  expect(session.asked.map(({ type }) => type)).toEqual(["step", "closeWait"]);
});

test("what came in time is taken first, and what comes later is not", () => {
  const session = begin(`${SAY} const hook = createHook({ token: "t", expiresIn: "1h" });
    await work();
    const seen = [await hook, await hook.receive({ timeout: "1m" })];
    try { for await (const x of hook) seen.push(x); } catch (e) { seen.push(e instanceof HookExpiredError); }
    return seen;`);
  const hook = session.command("hook");
  for (const n of [1, 2, 3]) session.received(hook, n);
  session.expired(hook);
  session.received(hook, "too late");
  session.stepped(session.command("step"), null);
  expect(session.output()).toEqual([1, { status: "received", payload: 2 }, 3, true]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("an expired hook has nothing to dispose; its iterations end then", () => {
  const session = begin(`const hook = createHook({ expiresIn: "1h" }); await work();
    hook.dispose(); hook[Symbol.dispose]();
    for await (const x of hook) return "got " + x;
    return "ended";`);
  session.received(session.command("hook"), 1);
  session.expired(session.command("hook"));
  session.stepped(session.command("step"), null);
  expect(session.asked.map(({ type }) => type)).toEqual(["complete"]);
  expect(session.output()).toBe("ended");
});
