import { expect, onTestFinished, test, vi } from "vitest";
import { FIRST_EPOCH, type NewEvent, type World } from "workflow/world";
import { assembleWorld } from "./assemble.ts";
import { createData } from "./fixtures/data.ts";
import { begin, CODE, hook, newRun, received, turn, WORKER } from "./fixtures/scene.ts";
import { createCountedLiveness } from "./liveness.ts";

interface Counted {
  readonly world: World;
  /** How often the server is asked meanwhile. */
  asked(task: () => Promise<unknown>): Promise<number>;
}

async function openCounted(): Promise<Counted> {
  const data = await createData();
  const core = data.core();
  const world = assembleWorld(core, createCountedLiveness(data.clock), async () => {});
  onTestFinished(async () => {
    await world.close();
    await data.drop();
  });
  await world.code.put(CODE);
  await world.join(WORKER);
  const query = vi.spyOn(core.database, "query");
  const transaction = vi.spyOn(core.database, "transaction");
  return {
    world,
    async asked(task) {
      query.mockClear();
      transaction.mockClear();
      await task();
      expect(transaction).not.toHaveBeenCalled();
      return query.mock.calls.length;
    },
  };
}

const started: NewEvent = { type: "run_started", data: {}, at: 0 };
const completed: NewEvent = { type: "run_completed", data: {}, payload: "devl[1]", at: 0 };
const step: readonly NewEvent[] = [
  {
    type: "step_created",
    correlationId: "step_1",
    data: { stepName: "step//shop//charge" },
    payload: "devl[1]",
    at: 0,
  },
  { type: "step_started", correlationId: "step_1", data: { attempt: 1 }, at: 0 },
];

test("each turn of a run that its worker knows is one round trip", async () => {
  const { world, asked } = await openCounted();
  const lease = await begin(world, 1);
  expect(await asked(() => world.commit(lease, turn(2, ...step)))).toBe(1);
  expect(await asked(() => world.commit(lease, turn(4, hook("door"))))).toBe(1);
  const direct = { ...received(), correlationId: "hook_door" };
  expect(await asked(() => world.commit(lease, turn(5, direct)))).toBe(1);
  const disposed: NewEvent = { type: "hook_disposed", correlationId: "hook_door", data: {}, at: 0 };
  expect(await asked(() => world.commit(lease, turn(6, disposed)))).toBe(1);
  expect(await asked(() => world.commit(lease, turn(7, completed)))).toBe(1);
});

test("a run and its first turn are one round trip, and so are those of many runs", async () => {
  const { world, asked } = await openCounted();
  const beginAtOnce = async (n: number): Promise<void> => {
    const run = newRun(n);
    const lease = { runId: run.runId, worker: WORKER, epoch: FIRST_EPOCH };
    await Promise.all([world.createRun(run, WORKER), world.commit(lease, turn(1, started, ...step))]);
  };
  expect(await asked(() => beginAtOnce(1))).toBe(1);
  const many = Array.from({ length: 50 }, (_, n) => n + 2);
  expect(await asked(() => Promise.all(many.map(beginAtOnce)))).toBe(1);
  const leaseOf = (n: number): Parameters<World["commit"]>[0] => ({ runId: newRun(n).runId, worker: WORKER, epoch: 1 });
  expect(await asked(() => Promise.all(many.map((n) => world.commit(leaseOf(n), turn(4, completed)))))).toBe(1);
});

test("a delivery is one round trip, whatever it is addressed to", async () => {
  const { world, asked } = await openCounted();
  const lease = await begin(world, 1, hook("door"));
  expect(await asked(() => world.deliver({ token: "door" }, received()))).toBe(1);
  expect(await asked(() => world.deliver({ token: "door" }, received(), { idempotencyKey: "k" }))).toBe(1);
  const cancelled: NewEvent<"run_cancelled"> = { type: "run_cancelled", data: {}, at: 0 };
  expect(await asked(() => world.deliver({ runId: lease.runId }, cancelled))).toBe(1);
  expect(await asked(() => world.deliver({ token: "nobody" }, received()))).toBe(1);
});
