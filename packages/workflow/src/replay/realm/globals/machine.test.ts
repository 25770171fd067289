import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createTestRealm } from "./fixtures/realm.ts";
import { PROBES } from "./fixtures/probes.ts";

function onMachine(env: Record<string, string>): unknown {
  const script = fileURLToPath(new URL("fixtures/machine.ts", import.meta.url));
  const child = spawnSync(process.execPath, [script], { env: { ...process.env, ...env }, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

test("time zone and language of the machine do not show", async () => {
  const expected = (await createTestRealm()).open().evaluate(PROBES);
  const away = onMachine({ TZ: "Asia/Kolkata", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" }) as Record<string, unknown>;
  expect(away["host"]).toEqual({ zone: expect.stringMatching(/Kolkata|Calcutta/), locale: "de-DE" });
  expect(away["realm"]).toEqual(expected);
  const turkish = onMachine({ TZ: "America/St_Johns", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }) as typeof away;
  expect(turkish["host"]).toEqual({ zone: "America/St_Johns", locale: "tr-TR" });
  expect(turkish["realm"]).toEqual(expected);
});

test("defaults are en-US and UTC, and what is asked for is given", async () => {
  const evaluate = (await createTestRealm()).open().evaluate;
  expect(
    evaluate(`return [
      (1234.5).toLocaleString(), (1234.5).toLocaleString("de-DE"), (1234n).toLocaleString(), [1234.5, 2].toLocaleString(),
      "i".toLocaleUpperCase(), "i".toLocaleUpperCase("tr"), new Date(0).toLocaleDateString(), new Date(0).toLocaleTimeString("en", { timeZone: "Asia/Kolkata", hour12: false }),
      new Date(0).toLocaleString("xx"), "ä".localeCompare("z"), "ä".localeCompare("z", "sv"), Intl.NumberFormat([]).resolvedOptions().locale,
      new Intl.DateTimeFormat("fr").resolvedOptions().timeZone, new Intl.DateTimeFormat(undefined, { timeZone: undefined }).resolvedOptions().timeZone,
      new Intl.PluralRules("ar").resolvedOptions().locale, new Intl.NumberFormat() instanceof Intl.NumberFormat, Intl.NumberFormat().constructor === Intl.NumberFormat,
    ]`),
  ).toEqual([
    ...["1,234.5", "1.234,5", "1,234", "1,234.5,2", "I", "İ", "1/1/1970", "05:30:00"],
    ...[expect.stringMatching(/^1\/1\/1970, 12:00:00.AM$/), -1, 1, "en-US", "UTC", "UTC", "ar", true, true],
  ]);
});
