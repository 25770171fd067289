import { expect, test } from "vitest";
import { createTestClock } from "./clock.ts";
import { withFaults, type FaultPoint } from "./faults.ts";
import { describeWorld } from "./kit/describe-world.ts";
import { cancelled, CODE, newRunOf, offerOf, runIdOf } from "./kit/events.ts";
import { createMemoryWorld } from "./memory/world.ts";

describeWorld("faultless", async ({ clock }) => withFaults(createMemoryWorld({ clock }), () => undefined));

const idle = { entries: [], drops: [], dueAt: null };

test("every durable write has a fault point before and after it; reads have none", async () => {
  const points: string[] = [];
  const world = withFaults(createMemoryWorld({ clock: createTestClock() }), ({ write, phase }) => {
    points.push(`${phase} ${write}`);
  });
  await world.code.put(CODE);
  await world.join("wrkr_a");
  await world.createRun(newRunOf(1));
  const [lease] = await world.lease("wrkr_a", 1);
  if (lease === undefined) throw new Error("no lease");
  await world.commit(lease, { ...idle, after: 1 });
  await world.deliver({ runId: runIdOf(1) }, cancelled());
  await world.renew("wrkr_a");
  await world.release(lease, { dueAt: null });
  await world.leaseRun("wrkr_a", runIdOf(1));
  await world.answers.put("req_1", "yes");
  await world.offers?.take("wrkr_a", [], 0);
  await world.offers?.finish("wrkr_a", { ...offerOf("step_1"), id: 1, runId: runIdOf(1) }, null);
  await world.code.collect(Infinity);
  await world.leave("wrkr_a");
  await world.read(runIdOf(1), 0);
  await world.runs.list();
  await world.nextDueAt();
  await world.held.list();
  await world.code.get(CODE.hash);
  const writes = [
    "code.put",
    "join",
    "createRun",
    "lease",
    "commit",
    "deliver",
    "renew",
    "release",
    "leaseRun",
    "answers.put",
    "offers.take",
    "offers.finish",
    "code.collect",
    "leave",
  ];
  expect(points).toEqual(writes.flatMap((write) => [`before ${write}`, `after ${write}`]));
});

function failingAt(fault: FaultPoint): (point: FaultPoint) => void {
  return ({ write, phase }) => {
    if (write === fault.write && phase === fault.phase) throw new Error(`crash ${phase} ${write}`);
  };
}

test("a fault before a write leaves nothing; a fault after it loses the answer only", async () => {
  for (const [phase, facts] of [
    ["before", 0],
    ["after", 1],
  ] as const) {
    const memory = createMemoryWorld({ clock: createTestClock() });
    await memory.code.put(CODE);
    await memory.createRun(newRunOf(1));
    const world = withFaults(memory, failingAt({ write: "deliver", phase }));
    await expect(world.deliver({ runId: runIdOf(1) }, cancelled())).rejects.toThrow(`crash ${phase} deliver`);
    expect((await memory.read(runIdOf(1), 0)).inbox).toHaveLength(facts);
  }
});

test("a write that is refused by the World itself has no point after it", async () => {
  const points: string[] = [];
  const world = withFaults(createMemoryWorld(), ({ phase }) => {
    points.push(phase);
  });
  await expect(world.createRun(newRunOf(1))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(points).toEqual(["before"]);
});

test("a promise delays the write", async () => {
  const gate = Promise.withResolvers<void>();
  const memory = createMemoryWorld({ clock: createTestClock() });
  await memory.code.put(CODE);
  const world = withFaults(memory, ({ phase }) => (phase === "before" ? gate.promise : undefined));
  const creation = world.createRun(newRunOf(1));
  expect((await memory.runs.list()).data).toEqual([]);
  gate.resolve();
  await creation;
  expect((await memory.runs.list()).data).toHaveLength(1);
});
