import { expect, test } from "vitest";
import { guardLoops } from "./loop-guard.ts";

/** Runs code with `limit` fuel in all, and tells how it ended. */
function run(code: string, limit: number): unknown {
  const guarded = guardLoops(code).code;
  let tanks = 0;
  const refuel = (): number => {
    tanks += 1;
    if (tanks > 1) throw new Error("out of fuel");
    return limit;
  };
  try {
    return new Function("__workflow", guarded)({ refuel });
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  ["for", `for (;;) {}`],
  ["for without a block", `let i = 0; for (;;) i++;`],
  ["while", `while (true) {}`],
  ["do", `do {} while (true);`],
  ["nested", `for (const a of [1, 2]) while (a) { if (a) continue; }`],
  ["labelled", `outer: for (;;) { for (;;) continue outer; }`],
  ["caught inside", `for (;;) { try { for (;;) {} } catch {} }`],
  [
    "mutual calls",
    `let n = 1e9; const a = () => (n-- ? b : null); const b = () => (n-- ? a : null); let f = a; for (;;) f = f();`,
  ],
])("an endless loop is stopped: %s", (_form, code) => {
  expect(run(code, 1_000)).toBe("out of fuel");
});

test("code keeps its meaning", () => {
  const code = `"use strict";
    const object = (a) => ({ a });
    const curried = (a) => (b) => a ? (b, a + b) : [a];
    class Base { constructor(x) { this.x = x; } get twice() { return this.x * 2; } static make = () => new Derived(4); }
    class Derived extends Base { constructor(x) { super(x + 1); } *walk() { yield this.x; yield* [1, 2]; } }
    function strict() { "use strict"; return this === undefined; }
    let sum = 0;
    for (const i of [1, 2, 3]) if (i % 2) sum += i; else sum -= i;
    do sum++; while (sum < 10)
    for (const key in { p: 1 }) sum += key.length;
    return JSON.stringify([object(1), curried(1)(2), Base.make().twice, [...Base.make().walk()], strict(), sum]);`;
  expect(run(code, 1_000)).toBe(JSON.stringify([{ a: 1 }, 3, 10, [5, 1, 2], true, 11]));
  expect(guardLoops(code).code.startsWith('"use strict"')).toBe(true);
});
