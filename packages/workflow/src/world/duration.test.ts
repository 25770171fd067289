import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["1000", 1000],
  ["500ms", 500],
  ["10s", 10_000],
  ["5m", 300_000],
  ["1.5 hours", 5_400_000],
  ["24H", 86_400_000],
  ["30d", 2_592_000_000],
  ["0s", 0],
  ["-3 days", -259_200_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", " ", "soon", "10 parsecs", "5m30s", "NaN", "Infinity", "1e3s", `${"9".repeat(99)}s0`, "9".repeat(101)])(
  "%j is refused",
  (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(JSON.stringify(text)) }),
    );
  },
);
