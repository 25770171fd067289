import { beforeAll, expect, test } from "vitest";
import { createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm();
});

/** Each body gives in workflow code what it gives in Node. */
test.each([
  ["a fresh controller", `const { signal } = new AbortController(); return [signal.aborted, String(signal.reason)];`],
  [
    "a controller has one signal",
    `const controller = new AbortController();
     return [controller.signal === controller.signal, controller.signal instanceof AbortSignal];`,
  ],
  [
    "the default reason",
    `const controller = new AbortController(); controller.abort();
     const { reason } = controller.signal;
     return [reason.name, reason.code, reason instanceof DOMException, reason.message];`,
  ],
  [
    "a reason of one's own, also a false one",
    `const reasons = ["text", 0, null, false].map((reason) => AbortSignal.abort(reason).reason); return reasons;`,
  ],
  [
    "listeners, in their order, once each, synchronously",
    `const controller = new AbortController(); const seen = [];
     const twice = (event) => seen.push(["twice", event.type, event.target === controller.signal]);
     controller.signal.addEventListener("abort", twice);
     controller.signal.onabort = () => seen.push("onabort");
     controller.signal.addEventListener("abort", twice);
     controller.signal.addEventListener("abort", { handleEvent: () => seen.push("object") });
     controller.signal.addEventListener("other", () => seen.push("never"));
     controller.signal.addEventListener("abort", null);
     controller.abort(); seen.push("after"); controller.abort();
     return seen;`,
  ],
  [
    "listeners that are removed, once, or bound to another signal",
    `const controller = new AbortController(); const other = new AbortController(); const seen = [];
     const removed = () => seen.push("removed");
     controller.signal.addEventListener("abort", removed);
     controller.signal.removeEventListener("abort", removed);
     controller.signal.addEventListener("abort", () => seen.push("once"), { once: true });
     controller.signal.addEventListener("abort", () => seen.push("bound"), { signal: other.signal });
     controller.signal.addEventListener("abort", () => seen.push("too late"), { signal: AbortSignal.abort() });
     other.abort(); controller.abort();
     return seen;`,
  ],
  [
    "a listener that removes the next",
    `const controller = new AbortController(); const seen = [];
     const next = () => seen.push("next");
     controller.signal.addEventListener("abort", () => controller.signal.removeEventListener("abort", next));
     controller.signal.addEventListener("abort", next);
     controller.abort(); return seen;`,
  ],
  [
    "onabort that is replaced, and taken away",
    `const controller = new AbortController(); const seen = [];
     const { signal } = controller;
     const before = signal.onabort;
     signal.onabort = () => seen.push("first");
     signal.addEventListener("abort", () => seen.push("listener"));
     signal.onabort = () => seen.push("second");
     controller.abort();
     signal.onabort = null;
     return [seen, before, signal.onabort];`,
  ],
  [
    "throwIfAborted",
    `const controller = new AbortController(); const seen = [String(controller.signal.throwIfAborted())];
     controller.abort("why");
     try { controller.signal.throwIfAborted(); } catch (reason) { seen.push(reason); }
     return seen;`,
  ],
  [
    "any: the first of the sources, through others",
    `const [a, b] = [new AbortController(), new AbortController()]; const seen = [];
     const one = AbortSignal.any([a.signal, b.signal]);
     const two = AbortSignal.any([one]);
     for (const [name, signal] of Object.entries({ a: a.signal, one, two })) signal.onabort = () => seen.push([name, one.aborted, two.aborted]);
     a.abort("a"); b.abort("b");
     return [seen, one.reason, two.reason];`,
  ],
  [
    "any: of none, and of aborted ones",
    `const none = AbortSignal.any([]);
     const done = AbortSignal.any([new AbortController().signal, AbortSignal.abort("x"), AbortSignal.abort("y")]);
     return [none.aborted, done.aborted, done.reason];`,
  ],
  [
    "what is not possible",
    `const names = [];
     for (const task of [() => new AbortSignal(), () => AbortSignal.any([{}]), () => AbortController()]) {
       try { task(); names.push("none"); } catch (error) { names.push(error.name); }
     }
     return names;`,
  ],
  [
    "classes of one's own",
    `class Mine extends AbortController { extra = 1; }
     const mine = new Mine(); mine.abort();
     return [mine.signal.aborted, mine.extra, String(mine), String(mine.signal)];`,
  ],
])("%s", async (_name, body) => {
  expect(realm.open().evaluate(body)).toEqual(await inNode(body));
});
