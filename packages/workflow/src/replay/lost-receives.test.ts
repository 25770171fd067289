import { expect, test } from "vitest";
import { begin, type Session } from "./fixtures/session.ts";

/** Runs a body whose first hook then gets these payloads. */
function given(payloads: readonly unknown[], body: string): Session {
  const session = begin(body);
  for (const payload of payloads) session.received(session.command("hook"), payload);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
  return session;
}

test.each(["race", "any"])("a receive that lost a %s takes nothing any more", (name) => {
  const session = begin(
    `const hook = createHook(), other = createHook();
     const first = await Promise.${name}([hook.receive({ timeout: "1d" }), other]);
     return [first, await hook];`,
  );
  session.received(session.command("hook", 1), "other");
  expect(session.asked).toEqual([{ type: "closeWait", id: (session.command("wait") as { id: string }).id }]);
  session.received(session.command("hook"), "mine");
  expect(session.output()).toEqual(["other", "mine"]);
});

test("a payload that a receive took in a race that another had won goes back to its place", () => {
  const session = given(
    ["a", "b"],
    `const hook = createHook(); await sleep("1h");
     return [await Promise.race([Promise.resolve("won"), hook.receive()]), await hook, await hook];`,
  );
  session.slept(session.command("wait"));
  expect(session.output()).toEqual(["won", "a", "b"]);
});

test.each([
  ["then", `receiving.then(() => {});`],
  ["another race that is open", `void Promise.race([receiving, createHook({ token: "open" })]);`],
  ["all", `void Promise.all([receiving]);`],
])("a receive that someone else waits for goes on: %s", (_who, waiter) => {
  const session = begin(
    `const hook = createHook(), other = createHook(), receiving = hook.receive(); ${waiter}
     const first = await Promise.race([receiving, other]);
     return [first, await receiving, await hook];`,
  );
  session.received(session.command("hook", 1), "other");
  session.received(session.command("hook"), "mine");
  session.received(session.command("hook"), "next");
  expect(session.output()).toEqual(["other", { status: "received", payload: "mine" }, "next"]);
});

test("a receive that lost and is asked again waits again, until its time", () => {
  const session = begin(
    `const hook = createHook(), other = createHook(), receiving = hook.receive({ timeout: "1d" });
     return [await Promise.race([receiving, other]), await Promise.race([receiving, other]), await receiving];`,
  );
  session.received(session.command("hook", 1), 1);
  session.received(session.command("hook", 1), 2);
  session.slept(session.command("wait", session.commands.filter(({ type }) => type === "wait").length - 1));
  expect(session.output()).toEqual([1, 2, { status: "timeout" }]);
});

test("a receive that won comes to the same wherever it is asked, also in a race that it loses", () => {
  const session = given(
    ["mine", "next"],
    `const hook = createHook(), receiving = hook.receive();
     const won = await Promise.race([receiving, sleep("1d")]);
     return [won, await Promise.race([Promise.resolve("first"), receiving]), await receiving, await hook];`,
  );
  const mine = { status: "received", payload: "mine" };
  expect(session.output()).toEqual([mine, "first", mine, "next"]);
});

test("a payload of a disposed hook that lost a race is gone with its hook", () => {
  const session = given(
    ["a"],
    `const hook = createHook(); await sleep("1h");
     const race = Promise.race([Promise.resolve("won"), hook]);
     hook.dispose();
     return [await race, await hook.receive({ timeout: "1h" })];`,
  );
  session.slept(session.command("wait"));
  session.slept(session.command("wait", 1));
  expect(session.output()).toEqual(["won", { status: "timeout" }]);
});

test("a hook that stands in a race twice gives it one payload", () => {
  const session = given(
    ["a", "b"],
    `const hook = createHook(); return [await Promise.race([hook, hook]), await Promise.race([hook, hook])];`,
  );
  expect(session.output()).toEqual(["a", "b"]);
});

test("a race that is over before it begins leaves the hook its payload", () => {
  const session = begin(
    `const hook = createHook(), nap = sleep("1h"); await nap;
     return [await Promise.race([nap, hook]), await Promise.race([hook, nap]), await hook];`,
  );
  session.slept(session.command("wait"));
  session.received(session.command("hook"), "a");
  expect(session.output()).toEqual([undefined, undefined, "a"]);
});
