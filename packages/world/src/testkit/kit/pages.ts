import { describe, expect } from "vitest";
import { type Pagination } from "workflow/world";
import { AT, runIdOf } from "./events.ts";
import { walk } from "./walk.ts";
import type { Check } from "./scene.ts";

/** Lists in pages, also while they grow. */
export function describePaging(check: Check): void {
  describe("reads: pages", () => {
    describePages(check);
  });
}

function describePages(check: Check): void {
  for (const [sortOrder, limit] of [
    ["asc", 100],
    ["desc", 100],
    ["asc", 7],
    ["desc", 7],
    ["desc", 125],
  ] as const) {
    check(`250 runs in pages of ${limit}, ${sortOrder}, while new ones appear`, async ({ world, create }) => {
      const ids = Array.from({ length: 250 }, (_, n) => runIdOf(n + 1));
      for (const _ of ids) await create();
      const walked = await walk((pagination) => world.runs.list({ pagination }), { sortOrder, limit }, create);
      const seen = walked.map((run) => run.runId);
      expect(new Set(seen).size).toBe(seen.length);
      const old = seen.filter((id) => ids.includes(id));
      expect(old).toEqual(sortOrder === "asc" ? ids : ids.toReversed());
    });
  }

  check("runs of the same millisecond are all listed, each once", async ({ world, create }) => {
    const ids = [];
    for (let n = 0; n < 25; n += 1) ids.push(await create({ createdAt: AT }));
    for (const sortOrder of ["asc", "desc"] as const) {
      const seen = await walk((pagination) => world.runs.list({ pagination }), {
        sortOrder,
        limit: 4,
      });
      expect(seen.map((run) => run.runId).toSorted()).toEqual(ids);
    }
  });

  check("a page is a hundred long and newest first unless told otherwise", async ({ world, create }) => {
    for (let n = 0; n < 101; n += 1) await create();
    const page = await world.runs.list();
    expect(page.data).toHaveLength(100);
    expect(page.data[0]?.runId).toBe(runIdOf(101));
    expect(page.hasMore).toBe(true);
    const whole = await world.runs.list({ pagination: { limit: 101 } });
    expect([whole.data.length, whole.hasMore]).toEqual([101, false]);
    expect((await world.runs.list({ pagination: { limit: 1000 } })).data).toHaveLength(101);
  });

  check("limits outside 1 to 1000 and cursors from elsewhere are refused", async ({ world, own }) => {
    const { runId } = await own();
    const lists = [
      (pagination: Pagination) => world.runs.list({ pagination }),
      (pagination: Pagination) => world.steps.list({ runId, pagination }),
      (pagination: Pagination) => world.hooks.list({ pagination }),
      (pagination: Pagination) => world.events.list({ runId, pagination }),
      (pagination: Pagination) => world.events.listByCorrelationId({ runId, correlationId: "step_1", pagination }),
    ];
    for (const list of lists) {
      for (const limit of [0, -1, 1001, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const refusal = { name: "WorkflowWorldError", code: "INVALID_ARGUMENT", field: "limit" };
        await expect(list({ limit })).rejects.toMatchObject(refusal);
      }
      for (const cursor of ["", "made up", "eyJ9", "null"]) {
        await expect(list({ cursor })).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
          field: "cursor",
        });
      }
    }
  });

  check("an empty list is one empty page", async ({ world, own }) => {
    const empty = { data: [], hasMore: false };
    expect(await world.runs.list()).toMatchObject(empty);
    expect(await world.hooks.list()).toMatchObject(empty);
    const { runId } = await own();
    expect(await world.steps.list({ runId })).toMatchObject(empty);
    expect(await world.events.listByCorrelationId({ runId, correlationId: "step_1" })).toMatchObject(empty);
    for (const unknown of [{ runId: runIdOf(999) }]) {
      expect(await world.steps.list(unknown)).toMatchObject(empty);
      expect(await world.hooks.list(unknown)).toMatchObject(empty);
      expect(await world.events.list(unknown)).toMatchObject(empty);
    }
  });
}
