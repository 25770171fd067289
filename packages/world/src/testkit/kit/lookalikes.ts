import { describe, expect } from "vitest";
import { hookCreated, said } from "./events.ts";
import type { Check } from "./scene.ts";

/** Pairs that a collation, a trim, a normal form, a C string or a lossy encoding takes for the same. */
const LOOKALIKES: readonly (readonly [string, string, string])[] = [
  ["letter case", "door", "DOOR"],
  ["a trailing space", "door", "door "],
  ["a leading space", "door", " door"],
  ["a line end", "door", "door\n"],
  ["normal forms", "caf\u00e9", "cafe\u0301"],
  ["width", "A", "\uff21"],
  ["a zero-width space", "door", "do\u200bor"],
  ["numbers", "1", "1.0"],
  ["leading zeros", "1", "01"],
  ["wildcards", "a_c", "abc"],
  ["a NUL and what follows", "door\0a", "door\0b"],
  ["lone surrogates", "door\ud800", "door\ud801"],
  ["a long common beginning", `${"x".repeat(3000)}a`, `${"x".repeat(3000)}b`],
];

/** A token is its exact text (invariant I6). */
export function describeLookalikes(check: Check): void {
  describe("I6 tokens that look alike", () => {
    for (const [what, one, other] of LOOKALIKES) {
      check(`tokens that differ in ${what} are two tokens`, async ({ world, own }) => {
        const first = await own();
        const second = await own();
        const claimed = await heldOrRefused(first.commit(hookCreated("hook_1", one)));
        expect(await statusOrRefused(world.deliver({ token: other }, said("hello")))).toBe("nobody");
        const alsoClaimed = await heldOrRefused(second.commit(hookCreated("hook_2", other)));
        if (claimed)
          expect(await world.deliver({ token: one }, said("1"))).toMatchObject({
            runId: first.runId,
          });
        if (alsoClaimed)
          expect(await world.deliver({ token: other }, said("2"))).toMatchObject({
            runId: second.runId,
          });
      });
    }
  });
}

/** A World may refuse text that it cannot hold exactly; it must not confuse it with other text. */
async function heldOrRefused(commit: Promise<{ readonly conflicts: object }>): Promise<boolean> {
  try {
    expect((await commit).conflicts).toEqual({});
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    return false;
  }
}

async function statusOrRefused(delivery: Promise<{ readonly status: string }>): Promise<string> {
  try {
    return (await delivery).status;
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    return "nobody";
  }
}
