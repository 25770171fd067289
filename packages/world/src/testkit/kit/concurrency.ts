import { describe, expect, test } from "vitest";
import type { NewEvent, World } from "workflow/world";
import { createMemoryWorld } from "../memory/world.ts";
import { admit, cancelled, completed, entry, hookCreated, hookDisposed, newRunOf, said } from "./events.ts";
import { idsOf, openScene, type OpenWorld, type Owner, type Scene } from "./scene.ts";
import { outcomeOf } from "./snapshot.ts";

/** Three runs around one token: `a` holds it, with a payload and a cancellation unread; `b` and `c` do not. */
interface Stage {
  readonly world: World;
  readonly token: string;
  readonly a: Owner;
  readonly b: Owner;
  readonly c: Owner;
  /** A worker that owns nothing. */
  readonly idle: string;
  readonly payloadId: number;
  readonly cancellationId: number;
}

type Operation = (stage: Stage) => Promise<unknown>;

/** Each is one call on the World, decided before any of them is sent. */
const OPERATIONS = {
  "resume 1": ({ world, token }) => world.deliver({ token }, said("1")),
  "resume 2": ({ world, token }) => world.deliver({ token }, said("2")),
  "cancel by run id": ({ world, a }) => world.deliver({ runId: a.runId }, cancelled("again")),
  "b claims": ({ b, token }) => turn(b, 2, hookCreated(`${b.runId} hook`, token)),
  "c claims": ({ c, token }) => turn(c, 2, hookCreated(`${c.runId} hook`, token)),
  "c claims and ends": ({ c, token }) => turn(c, 2, hookCreated(`${c.runId} hook`, token), completed),
  "a disposes": ({ a }) => turn(a, 3, hookDisposed(`${a.runId} hook`)),
  "a disposes and claims": ({ a, token }) =>
    turn(a, 3, hookDisposed(`${a.runId} hook`), hookCreated(`${a.runId} hook 2`, token)),
  "a ends": ({ a }) => turn(a, 3, completed),
  "a takes its payload": ({ a, payloadId }) => a.turn({ after: 3, entries: [admit(payloadId)] }),
  "a takes its cancellation": ({ a, cancellationId }) => a.turn({ after: 3, entries: [admit(cancellationId)] }),
  "a parks": ({ a }) => a.park(),
  "a's worker leaves": ({ world, a }) => world.leave(a.lease.worker),
  "another worker takes a": async ({ world, a, idle }) => (await world.leaseRun(idle, a.runId))?.worker,
} satisfies Record<string, Operation>;

type OperationName = keyof typeof OPERATIONS;

const NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

function turn(owner: Owner, after: number, ...events: readonly NewEvent[]): Promise<unknown> {
  return owner.turn({ after, entries: events.map(entry) });
}

/** What happens to a token when everybody comes at once. */
const CROWD: readonly OperationName[] = ["resume 1", "a disposes", "a ends", "b claims", "c claims and ends"];

/**
 * Calls that are made at once have the same answers, and leave the same World behind, as the same calls made one
 * after the other in some order. Which order that is, is the World's choice; what each order gives, is the model's.
 */
export function describeConcurrency(open: OpenWorld): void {
  describe("calls made at once have an order", () => {
    for (const first of NAMES) {
      test(`${first}, and any other`, async () => {
        const pairs = NAMES.filter((second) => second !== first).map((second) => [first, second]);
        expect(await unexplained(open, pairs)).toEqual([]);
      });
    }
    test("three of those that move the token", async () => {
      const threes = subsetsOf(CROWD).filter((names) => names.length === 3);
      expect(threes).toHaveLength(10);
      expect(await unexplained(open, threes)).toEqual([]);
    });
    test("all of those that move the token", async () => {
      expect(await unexplained(open, [CROWD, CROWD.toReversed()])).toEqual([]);
    });
  });
}

function subsetsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

/** Plays each race in one World, every race on a stage of its own; returns those that came out like no order. */
async function unexplained(open: OpenWorld, races: readonly (readonly OperationName[])[]): Promise<readonly unknown[]> {
  const scene = await openScene(open);
  try {
    const odd: unknown[] = [];
    for (const [index, names] of races.entries()) {
      const together = await play(scene, index, names, (calls) => Promise.all(calls.map((call) => call())));
      const ordered = await inEveryOrder(index, names);
      if (!ordered.some((outcome) => equal(outcome, together))) odd.push({ together, ordered });
    }
    return odd;
  } finally {
    await scene.world.close();
  }
}

function equal(one: unknown, other: unknown): boolean {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
}

/** What the model makes of `names` in each order. */
function inEveryOrder(stage: number, names: readonly OperationName[]): Promise<readonly unknown[]> {
  const orders = permutationsOf(names).map(async (order) => {
    const scene = await openScene(async ({ clock }) => createMemoryWorld({ clock }));
    return await play(scene, stage, order, oneByOne);
  });
  return Promise.all(orders);
}

function permutationsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) => permutationsOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

async function oneByOne(calls: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
  const outcomes: unknown[] = [];
  for (const call of calls) outcomes.push(await call());
  return outcomes;
}

type Conduct = (calls: readonly (() => Promise<unknown>)[]) => Promise<readonly unknown[]>;

async function play(scene: Scene, index: number, names: readonly OperationName[], conduct: Conduct): Promise<unknown> {
  const stage = await setUp(scene, index);
  const outcomes = await conduct(names.map((name) => () => outcomeOf(OPERATIONS[name](stage))));
  const byName = Object.fromEntries(names.map((name, at) => [name, outcomes[at]]));
  return { outcomes: byName, left: await leftOn(stage) };
}

async function setUp({ world, own }: Scene, index: number): Promise<Stage> {
  const token = `door ${index}`;
  const owns = (name: string, n: number): Promise<Owner> => own(`wrkr_${name}${index}`, newRunOf(3 * index + n));
  const [a, b, c] = [await owns("a", 1), await owns("b", 2), await owns("c", 3)];
  await a.commit(hookCreated(`${a.runId} hook`, token));
  await world.deliver({ token }, said("0"));
  await world.deliver({ runId: a.runId }, cancelled("enough"));
  const idle = `wrkr_idle${index}`;
  await world.join(idle);
  const [payloadId = 0, cancellationId = 0] = (await a.inbox()).map((fact) => fact.id);
  return { world, token, a, b, c, idle, payloadId, cancellationId };
}

/** What can be seen of a stage, and which of its runs a newcomer would be given. */
async function leftOn({ world, token, a, b, c }: Stage): Promise<unknown> {
  const runIds = [a.runId, b.runId, c.runId];
  const runs = runIds.map(async (runId) => {
    const { history, inbox } = await world.read(runId, 0);
    const { data: hooks } = await world.hooks.list({ runId });
    return { run: await world.runs.get(runId), hooks, history, inbox: inbox.map((fact) => fact.event) };
  });
  const holder = await outcomeOf(world.hooks.getByToken(token));
  await world.join("wrkr_newcomer");
  const leased = idsOf(await world.lease("wrkr_newcomer", 1000)).filter((runId) => runIds.includes(runId));
  return { runs: await Promise.all(runs), holder, leased };
}
