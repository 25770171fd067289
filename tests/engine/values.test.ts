import { expect, test } from "vitest";
import { FatalError, RetryableError } from "workflow";
import { start } from "workflow/api";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";

const shared = { shared: true };
const cycle: { self?: unknown } = {};
cycle.self = cycle;

const VALUES: readonly (readonly [string, unknown])[] = [
  ["text", "a\u0000\u2028\u{1f600}"],
  ["numbers", [0, -0, 1.5, NaN, Infinity, -Infinity]],
  ["nothing", [null, undefined]],
  ["bigint", 12345678901234567890n],
  ["dates", [new Date(0), new Date(NaN)]],
  ["regexp", /a+/gi],
  ["map", new Map<unknown, unknown>([[{ k: 1 }, new Set([1, "two"])]])],
  ["url", new URL("https://user:pw@example.com:81/p?q=1#h")],
  ["search parameters", new URLSearchParams("a=1&a=2")],
  [
    "headers",
    new Headers([
      ["x-a", "1"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]),
  ],
  [
    "bytes",
    [new Uint8Array([1, 2, 255]), new Float64Array([0.5]), new BigInt64Array([-1n]), new Uint8Array([9]).buffer],
  ],
  ["sparse", [1, , 3]], // oxlint-disable-line no-sparse-arrays
  ["identity", [shared, shared]],
  ["cycle", cycle],
  ["errors", [new TypeError("t", { cause: new RangeError("r") }), new AggregateError([new Error("e")], "a")]],
  ["own errors", [new FatalError("f"), new RetryableError("r", { retryAfter: new Date(7) })]],
];

describeEngine("values", ({ openWorld, startEngine }) => {
  test.each(VALUES)(
    "%s survives start, body, step and return [06-6.1.boundaries] [06-6.3.json] [06-6.3.extended] [06-A.2]",
    async (_name, value) => {
      let seen: unknown;
      deploy(
        realmCode(["echo"], `workflow("main", async (value) => { const back = await echo({ value }); return back; });`),
        {
          echo: async (given) => {
            seen = given;
            return given;
          },
        },
      );
      const world = await openWorld();
      await startEngine({ world });
      const run = await start<[unknown], { value: unknown }>(workflow("main"), [value]);
      const back = await run.returnValue;
      expect(back.value).toEqual(value);
      expect((seen as { value: unknown }).value).toEqual(value);
      expect(Object.getPrototypeOf(back.value)).toBe(Object.getPrototypeOf(value));
    },
  );

  test("identity and cycles are kept, and every crossing copies [06-6.2.copies] [06-6.2.identity] [06-A.1] [06-A.2]", async () => {
    deploy(
      realmCode(
        ["mutate"],
        `workflow("main", async (pair, cycle) => {
          const before = pair[0] === pair[1] && cycle.self === cycle;
          await mutate(pair);
          return [before, pair[0].shared];
        });`,
      ),
      {
        mutate: async (pair) => {
          (pair as { shared: boolean }[])[0]!.shared = false;
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [[shared, shared], cycle]);
    expect(await run.returnValue).toEqual([true, true]);
  });

  test("inside the realm values have the realm's own classes [06-6.1.boundaries]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async (...values) => values.map((value) => value instanceof value.constructor && [Map, Date, Error, URL, Uint8Array, Headers, Object].find((type) => value.constructor === type)?.name));`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const given = [new Map(), new Date(), new Error("e"), new URL("http://a"), new Uint8Array(1), new Headers(), {}];
    const run = await start(workflow("main"), given);
    expect(await run.returnValue).toEqual(["Map", "Date", "Error", "URL", "Uint8Array", "Headers", "Object"]);
  });

  test("a step function can be handed to another step, which calls it in place [01-1.2.value] [06-6.6.steps]", async () => {
    deploy(realmCode(["apply", "double"], `workflow("main", async () => apply(double, 21));`), {
      apply: async (fn, value) => (fn as (value: number) => Promise<number>)(value as number),
      double: async (value) => (value as number) * 2,
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toBe(42);
  });
});
