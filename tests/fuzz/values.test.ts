// Any value that can be stored crosses the wall in both directions and is what it was; any text that was not written by
// this package is refused as damaged, or is some value, and does nothing. `npm run fuzz` takes longer over it.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anything } from "./generate.ts";
import { difference } from "./same.ts";
import { calls, isRefusal, passThrough, read, write } from "./sides.ts";

const runs = Number(process.env["WORKFLOW_FUZZ_RUNS"] ?? 300);
const seed = process.env["WORKFLOW_FUZZ_SEED"];
const PARAMETERS = {
  numRuns: runs,
  /** Repeats what a failure says, with `WORKFLOW_FUZZ_SEED`. */
  ...(seed !== undefined && { seed: Number(seed) }),
} satisfies fc.Parameters<unknown>;
const TIMEOUT_MS = 20_000 + runs * 100;
/** No text of this size may take longer. */
const PATIENCE_MS = 2_000;

test("a value is what it was after both sides have written and read it", { timeout: TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(anything, (value) => {
      const written = write(value);
      expect(difference(value, read(written))).toBeUndefined();
      expect(difference(value, read(passThrough(written)))).toBeUndefined();
    }),
    PARAMETERS,
  );
});

const SCRAPS = [
  "special",
  "step",
  "instance",
  "class",
  "error",
  "closure",
  "bound",
  "run",
  "__proto__",
  "then",
  "constructor",
  "buffer",
  "view",
  "headers",
  "request",
  "response",
];
const scrap = fc.oneof(
  fc.integer({ min: -9, max: 40 }),
  fc.constantFrom<unknown>(
    ...SCRAPS,
    null,
    true,
    1e9,
    4294967295,
    {},
    [],
    [1],
    ["special", 1],
    ["Map", 0],
    [-7, 9, 1, 1],
  ),
);

/** Puts something else in the place of one part of what was written. */
const damaged = fc
  .tuple(anything, fc.array(fc.tuple(fc.nat(), fc.nat(), scrap), { minLength: 1, maxLength: 4 }))
  .map(([value, edits]) => {
    const values = JSON.parse(write(value).slice(4)) as unknown[];
    for (const [where, part, by] of edits) edit(values, where % values.length, part, by);
    return `devl${JSON.stringify(values)}`;
  });

function edit(values: unknown[], index: number, part: number, scrapOf: unknown): void {
  const value = values[index];
  const by: unknown = structuredClone(scrapOf);
  if (typeof value !== "object" || value === null) values[index] = by;
  else if (Array.isArray(value)) value[part % (value.length + 1)] = by;
  else {
    const names = Object.keys(value);
    const name = names[part % (names.length + 1)] ?? String(by);
    Object.defineProperty(value, name, { value: by, enumerable: true, writable: true, configurable: true });
  }
}

/** Changes letters, so that even the JSON may be broken. */
const garbled = fc
  .tuple(anything, fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 3 }))
  .map(([value, edits]) => {
    const text = write(value);
    return edits.reduce(
      (now, [where, by]) => now.slice(0, where % now.length) + by + now.slice((where % now.length) + 1),
      text,
    );
  });

test("a damaged text is refused or is a value, at once and without effect", { timeout: TIMEOUT_MS }, () => {
  const own = Reflect.ownKeys(Object.prototype);
  const attempt = (action: () => unknown): void => {
    const begin = performance.now();
    try {
      action();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    expect(performance.now() - begin).toBeLessThan(PATIENCE_MS);
  };
  fc.assert(
    fc.property(fc.oneof(damaged, garbled), (payload) => {
      attempt(() => read(payload));
      attempt(() => passThrough(payload));
      expect(Reflect.ownKeys(Object.prototype)).toEqual(own);
      expect(calls.count).toBe(0);
    }),
    PARAMETERS,
  );
});
