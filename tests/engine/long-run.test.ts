import { expect, test } from "vitest";
import { start } from "workflow/api";
import { createMemoryWorld } from "@workflow/world/testkit";
import { deploy, realmCode, startEngine, workflow } from "../support/engine.ts";

const STEPS = 100_000;

const LONG = realmCode(
  ["add"],
  `workflow("long", async (steps) => { let sum = 0; for (let n = 0; n < steps; n++) sum = await add(sum); return sum; });`,
);

/** On SQLite, where each step is durable, `npm run bench` shows that the cost of a step does not grow. */
test("a hundred thousand sequential steps in one run meet no ceiling [07-7.18.2]", { timeout: 240_000 }, async () => {
  deploy(LONG, { add: async (sum) => (sum as number) + 1 });
  const world = createMemoryWorld();
  const engine = await startEngine({ world });
  const run = await start(workflow("long"), [STEPS]);
  await expect(run.returnValue).resolves.toBe(STEPS);
  const { data } = await world.events.list({ runId: run.runId, pagination: { limit: 1, sortOrder: "desc" } });
  expect(Number(data[0]?.eventId.slice(5))).toBe(3 * STEPS + 3);
  await engine.stop();
});
