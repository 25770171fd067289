import { expect, onTestFinished, test, vi } from "vitest";
import { type Creation, type Delivery, FIRST_EPOCH } from "workflow/world";
import { assembleWorld } from "./assemble.ts";
import { createData } from "./fixtures/data.ts";
import { event, newRun as newRunAt, openPlace, type Place, said } from "./fixtures/place.ts";
import { CODE, newRun, turn, WORKER } from "./fixtures/scene.ts";
import { createCountedLiveness } from "./liveness.ts";

// Each has a schema of its own, which takes its time where others are busy.
vi.setConfig({ testTimeout: 60_000 });

/** Resolves once whatever was asked before has been asked of the server. */
function nextAnswer({ world }: Place): Promise<unknown> {
  return world.deliver({ token: "nobody's" }, said("?"));
}

test("calls for one token are accepted in their order, whichever of them meets a lock", async () => {
  // One connection may wait for locks.
  const place = await openPlace({ maxConnections: 3 });
  const { world, run, begin, inboxOf, waiting } = place;
  const runId = await run("door");
  await run("gate");
  const knock = (text: string): Promise<Delivery> => world.deliver({ token: "door" }, said(text));
  const knockOrStart = (text: string): Promise<Creation> =>
    world.createRun(newRunAt({ claim: { token: "door", hookId: "hook_1", fact: said(text) } }));

  const [atGate, atDoor] = [await begin(), await begin()];
  await world.deliver({ token: "gate" }, said("-"), { tx: atGate });
  await world.deliver({ token: "door" }, said("0"), { tx: atDoor });
  const outOfTheWay = world.deliver({ token: "gate" }, said("-"));
  await waiting(1);
  const calls: Promise<unknown>[] = [knock("1")];
  await nextAnswer(place);
  await atDoor.query("COMMIT");
  // The door is free, and the first call for it waits for the connection.
  calls.push(knock("2"), knockOrStart("3"), knock("4"), knock("5"), knockOrStart("6"));
  await nextAnswer(place);
  expect(await inboxOf(runId)).toEqual(["0"]);
  await atGate.query("COMMIT");
  await Promise.all([outOfTheWay, ...calls]);
  expect(await inboxOf(runId)).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
});

test("payloads that go in one batch with calls that may start a run keep their order", async () => {
  const { world, run, inboxOf } = await openPlace();
  const runId = await run("door");
  const claim = { token: "door", hookId: "hook_1", fact: said("2") };
  await Promise.all([
    world.deliver({ token: "door" }, said("1")),
    world.createRun(newRunAt({ claim })),
    world.deliver({ token: "door" }, said("3")),
  ]);
  expect(await inboxOf(runId)).toEqual(["1", "2", "3"]);
});

test("the first turn of a run waits for its creation, wherever that waits", async () => {
  const { world, begin, waiting } = await openPlace();
  const client = await begin();
  await world.createRun(newRunAt({ idempotencyKey: "k" }), undefined, { tx: client });
  const startWithTurn = (): readonly [Promise<Creation>, Promise<unknown>] => {
    const run = newRunAt({ idempotencyKey: "k" });
    const lease = { runId: run.runId, worker: "wrkr_a", epoch: 1 };
    const started = event({ type: "run_started", data: {}, at: 1 });
    const creating = world.createRun(run, "wrkr_a");
    return [creating, world.commit(lease, { after: 1, entries: [started], drops: [], dueAt: null })];
  };
  const [first, firstTurn] = startWithTurn();
  const [second, secondTurn] = startWithTurn();
  const refusal = secondTurn.catch((error: unknown) => error);
  await waiting(1);
  await client.query("ROLLBACK");
  const { status } = await first;
  expect(status).toBe("created");
  expect(await firstTurn).toEqual({ conflicts: {}, unread: false });
  expect(await second).toMatchObject({ status: "exists" });
  expect(await refusal).toMatchObject({ code: "LEASE_LOST" });
});

test("a turn that was sent before its run was there is made once it is, also when its answer comes later", async () => {
  const data = await createData();
  const core = data.core();
  const world = assembleWorld(core, createCountedLiveness(data.clock), async () => {});
  onTestFinished(async () => {
    await world.close();
    await data.drop();
  });
  await world.code.put(CODE);
  await world.join(WORKER);
  const holder = await data.connect();
  await holder.run("BEGIN");
  const lock = `start ${newRun(1).workflowName} k`;
  await holder.run("SELECT pg_advisory_xact_lock(hashtextextended('{schema} ' || $1, 0))", [lock]);
  const run = { ...newRun(1), idempotencyKey: "k" };
  const creating = world.createRun(run, WORKER);
  await data.waiting(1);

  const query = core.database.query.bind(core.database);
  const sent = Promise.withResolvers<void>();
  // The turn is asked for as one that changes little, and then as any.
  vi.spyOn(core.database, "query")
    .mockImplementationOnce(query)
    .mockImplementationOnce(async (...asked) => {
      const answer = await query(...asked);
      sent.resolve();
      await creating;
      return answer as never;
    });
  const lease = { runId: run.runId, worker: WORKER, epoch: FIRST_EPOCH };
  const committing = world.commit(lease, turn(1, { type: "run_started", data: {}, at: 0 }));
  await sent.promise;
  await holder.run("ROLLBACK");
  expect(await creating).toMatchObject({ status: "created" });
  expect(await committing).toEqual({ conflicts: {}, unread: false });
});
