import { expect, test } from "vitest";
import { readRetention } from "./retention.ts";

test.each([
  [{}, {}, undefined],
  [{}, { WORKFLOW_POSTGRES_RETENTION: "" }, undefined],
  [{}, { WORKFLOW_POSTGRES_RETENTION: "30d" }, 2_592_000_000],
  [{ retention: "12 hours" }, { WORKFLOW_POSTGRES_RETENTION: "30d" }, 43_200_000],
  [{ retention: 1_500 }, {}, 1_500],
  [{ retention: 0 }, { WORKFLOW_POSTGRES_RETENTION: "30d" }, 0],
])("%j with %j is %s ms", (given, env, ms) => {
  expect(readRetention(given, env)).toBe(ms);
});

test.each(["soon", "-1h", -1, Number.NaN, Infinity])("%s is refused", (retention) => {
  expect(() => readRetention({ retention }, {})).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", field: "retention" }),
  );
});
