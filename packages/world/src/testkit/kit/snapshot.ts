import { expect } from "vitest";
import type { HeldPayload, Hook, RunRecord, Step, WorkflowRun, World } from "workflow/world";

/** Everything that can be seen of a World without touching it. */
export interface Snapshot {
  readonly runs: readonly WorkflowRun[];
  readonly steps: readonly Step[];
  readonly hooks: readonly Hook[];
  readonly held: readonly HeldPayload[];
  readonly records: readonly RunRecord[];
  readonly nextDueAt: number | null;
}

export async function snapshotOf(world: World): Promise<Snapshot> {
  const pagination = { limit: 1000, sortOrder: "asc" } as const;
  const runs = (await world.runs.list({ pagination })).data;
  const hooks = (await world.hooks.list({ pagination })).data;
  const held = (await world.held.list({ pagination })).data;
  const steps = await Promise.all(runs.map(({ runId }) => world.steps.list({ runId, pagination })));
  const records = await Promise.all(runs.map(({ runId }) => world.read(runId, 0)));
  return {
    runs,
    hooks,
    held,
    steps: steps.flatMap((page) => page.data),
    records,
    nextDueAt: await world.nextDueAt(),
  };
}

/**
 * A snapshot without what two correct Worlds may differ in: fact ids and ids of what is held, how long ago a run was due, and how a list sorts
 * what is equally new, or was created in another order than its `createdAt` says.
 */
export async function comparableSnapshotOf(world: World, now: number): Promise<unknown> {
  const { runs, steps, hooks, held, records, nextDueAt } = await snapshotOf(world);
  return {
    runs: runs
      .map((run, index) => ({ ...run, ...records[index], inbox: records[index]?.inbox.map((fact) => fact.event) }))
      .toSorted((a, b) => (a.runId < b.runId ? -1 : 1)),
    steps: steps.toSorted((a, b) => (a.runId < b.runId ? -1 : Number(a.runId > b.runId))),
    held: held.map((one) => ({ ...one, heldId: "" })),
    hooks: hooks.toSorted((a, b) => (a.hookId < b.hookId ? -1 : 1)),
    due: nextDueAt !== null && nextDueAt <= now ? "now" : nextDueAt,
  };
}

/** How a World refuses a turn that it can never accept. */
export const UNACCEPTABLE = ["INVALID_ARGUMENT", "ENTITY_CONFLICT"] as const;

/** What a call came to: its answer, or the code of its error, with all ways to refuse for good taken as one. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await call };
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
    return { error: UNACCEPTABLE.some((known) => known === code) ? "refused" : code };
  }
}

/** Checks that the World refuses `attempt` with one of `codes`, and that nothing was written. */
export async function expectRefused(
  world: World,
  attempt: () => Promise<unknown>,
  ...codes: readonly string[]
): Promise<void> {
  const before = await snapshotOf(world);
  const refusal = await attempt().then(
    (answer) => ({ answer }),
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ code: expect.toSatisfy((code: string) => codes.includes(code)) });
  expect(await snapshotOf(world)).toEqual(before);
}
