import { expect, test } from "vitest";
import type { Command } from "./boundary.ts";
import { begin, OUTSIDE } from "./fixtures/session.ts";

const AWAIT_ABORT = `new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)))`;

test("the hook is asked for when the signal leaves, before what it leaves with; the abort when it happens [06-6.8]", () => {
  const session = begin(`
    const controller = new AbortController();
    const running = work(controller.signal);
    await work("other");
    controller.signal.onabort = () => void work("listener");
    controller.abort("why");
    controller.abort("again");
    await running;`);
  expect(session.asked.map(({ type }) => type)).toEqual(["hook", "step", "step"]);
  session.registered(session.command("hook"));
  session.stepped(session.command("step", 1), null);
  expect(session.asked.map(({ type }) => type)).toEqual(["abort", "step"]);
  expect(session.command("abort")).toMatchObject({ id: (session.command("hook") as { id: string }).id });
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
  session.stepped(session.command("step", 0), null);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("an abort from outside is seen when it is delivered, not before, and moves the clock [06-6.8] [01-1.14]", () => {
  const session = begin(`
    const { signal } = new AbortController();
    void work(signal);
    const before = [signal.aborted, Date.now()];
    const reason = await ${AWAIT_ABORT};
    return [...before, signal.aborted, reason, Date.now() - before[1]];`);
  session.received(session.command("hook"), { code: 7 });
  expect(session.output()).toEqual([false, 1_001_000, true, { code: 7 }, 1_000]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("a signal that was made outside gets a hook by its token, once however often it is revived [06-6.8]", () => {
  const session = begin(`
    const hook = createHook();
    const lost = await Promise.race([work("fast"), hook]);
    const signal = lost;
    const again = await createHook();
    return [await ${AWAIT_ABORT}, again === signal];`);
  const { signal } = new AbortController();
  session.stepped(session.command("step"), signal);
  const [asked] = session.asked;
  expect(session.asked).toMatchObject([{ type: "hook", token: OUTSIDE, isSystem: true }, { type: "hook" }]);
  session.received(session.command("hook", 2), signal);
  expect(session.asked).toEqual([]);
  session.received(asked as Command, "outside");
  expect(session.output()).toEqual(["outside", true]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("a signal made of others tells its own hook [06-6.8]", () => {
  const session = begin(`
    const [a, b] = [new AbortController(), new AbortController()];
    const any = AbortSignal.any([a.signal, b.signal]);
    void work(any);
    void work(a.signal);
    await createHook();
    b.abort("b");
    await createHook();`);
  session.received(session.command("hook", 1), "a");
  expect(session.asked).toMatchObject([{ type: "abort", id: (session.command("hook", 0) as { id: string }).id }]);
  session.received(session.command("hook", 2), null);
  // Of a controller that never left: its hook, and the abort. The signal made of it is aborted already.
  expect(session.asked.map(({ type }) => type)).toEqual(["hook", "abort", "hook"]);
  expect(session.replayed()).toMatchObject({ status: "ready", commands: [] });
});

test("AbortSignal.timeout says what to do instead [01-1.14]", () => {
  const session = begin("AbortSignal.timeout(5)");
  expect(session.error()).toMatchObject({ message: expect.stringMatching(/`sleep` .* and an AbortController/) });
});
