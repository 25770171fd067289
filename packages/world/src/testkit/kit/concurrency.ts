import { describe, expect, test } from "vitest";
import type { NewEvent, World } from "workflow/world";
import { createMemoryWorld } from "../memory/world.ts";
import {
  admit,
  AT,
  cancelled,
  claimOf,
  completed,
  entry,
  hookCreated,
  hookDisposed,
  newRunOf,
  runIdOf,
  said,
} from "./events.ts";
import { idsOf, openScene, ownerOf, type OpenWorld, type Owner, type Scene } from "./scene.ts";
import { outcomeOf } from "./snapshot.ts";

/** Three runs around one token: `a` holds it, with a payload and a cancellation unread; `b` and `c` do not. */
interface Stage {
  readonly world: World;
  readonly token: string;
  readonly a: Owner;
  readonly b: Owner;
  readonly c: Owner;
  /** Ids of runs that may be created. */
  readonly newcomers: readonly string[];
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
  "resume with a key": ({ world, token }) => world.deliver({ token }, said("k"), { idempotencyKey: "k" }),
  "resume with the same key": ({ world, token }) => world.deliver({ token }, said("k"), { idempotencyKey: "k" }),
  "early resume": ({ world, token }) => world.deliver({ token }, said("e"), { idempotencyKey: "k", holdUntil: AT + 9 }),
  "s starts": (stage) => start(stage, 0),
  "t starts": (stage) => start(stage, 1),
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

function start({ world, token, newcomers }: Stage, which: number): Promise<unknown> {
  const runId = String(newcomers[which]);
  const claimed = claimOf(token, `starts ${which}`, { hookId: `${runId} hook` });
  return world.createRun(newRunOf(which, { ...claimed, runId, idempotencyKey: token }));
}

/** What happens to a token when everybody comes at once. */
const CROWDS: readonly (readonly OperationName[])[] = [
  ["resume 1", "a disposes", "a ends", "b claims", "c claims and ends"],
  ["early resume", "resume with a key", "a disposes", "s starts", "c claims and ends"],
  ["early resume", "a ends", "s starts", "t starts", "b claims"],
];

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
    for (const crowd of CROWDS) {
      test(`three of: ${crowd.join(", ")}`, async () => {
        const threes = subsetsOf(crowd).filter((names) => names.length === 3);
        expect(threes).toHaveLength(10);
        expect(await unexplained(open, threes)).toEqual([]);
      });
      test(`all of: ${crowd.join(", ")}`, async () => {
        expect(await unexplained(open, [crowd, crowd.toReversed()])).toEqual([]);
      });
    }
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
  const newcomers = [runIdOf(10_000 + 2 * index), runIdOf(10_001 + 2 * index)];
  return { world, token, a, b, c, newcomers, idle, payloadId, cancellationId };
}

/** What can be seen of a stage, which of its runs a newcomer would be given, and what waited for hooks. */
async function leftOn({ world, token, a, b, c, newcomers }: Stage): Promise<unknown> {
  const runIds = [a.runId, b.runId, c.runId, ...newcomers];
  const runs = await Promise.all(runIds.map((runId) => outcomeOf(seen(world, runId))));
  const holder = await outcomeOf(world.hooks.getByToken(token));
  const held = (await world.held.list({ token })).data.map((one) => ({ ...one, heldId: "" }));
  await world.join("wrkr_newcomer");
  const leases = (await world.lease("wrkr_newcomer", 1000)).filter(({ runId }) => runIds.includes(runId));
  const waited = [];
  for (const lease of leases.filter(({ runId }) => newcomers.includes(runId))) {
    const owner = ownerOf(world, lease);
    const { conflicts } = await owner.commit(hookCreated(`${owner.runId} hook`, token));
    waited.push({ conflicts, inbox: (await owner.inbox()).map((fact) => fact.event) });
  }
  return { runs, holder, held, leased: idsOf(leases), waited };
}

async function seen(world: World, runId: string): Promise<unknown> {
  const run = await world.runs.get(runId);
  const { history, inbox } = await world.read(runId, 0);
  const { data: hooks } = await world.hooks.list({ runId });
  return { run, hooks, history, inbox: inbox.map((fact) => fact.event) };
}
