import { expect, test } from "vitest";
import type { Committed, Creation, Fact, Lease, NewEvent, NewRun, RunRecord, Turn, World } from "workflow/world";
import { createTestClock, type TestClock } from "../clock.ts";
import { CODE, entry, newRunOf, started } from "./events.ts";

/** Opens an isolated, empty World that takes its time from `clock`. */
export type OpenWorld = (options: { readonly clock: TestClock }) => Promise<World>;

/** One World under test, with its code stored and the usual moves at hand. */
export interface Scene {
  readonly world: World;
  readonly clock: TestClock;
  /** Creates a run that nobody has worked on; each is a millisecond younger than the one before. */
  create(rest?: Partial<NewRun>): Promise<string>;
  /** Creates a run that `worker` (default `wrkr_a`, joined if need be) owns and has started. */
  own(worker?: string, rest?: Partial<NewRun>): Promise<Owner>;
  /** Takes a run over by its id; fails when the World does not give it. */
  take(worker: string, runId: string): Promise<Owner>;
}

/** A worker with its hands on one run. */
export interface Owner {
  readonly runId: string;
  readonly lease: Lease;
  /** Commits `events` as one turn with nothing due. */
  commit(...events: readonly NewEvent[]): Promise<Committed>;
  /** Commits a turn; what is not given is empty, and `after` is the end of the history. */
  turn(turn: Partial<Turn>): Promise<Committed>;
  park(dueAt?: number | null): Promise<void>;
  history(): Promise<RunRecord["history"]>;
  inbox(): Promise<readonly Fact[]>;
}

export type Check = (title: string, body: (scene: Scene) => Promise<void>) => void;

/** Registers tests that each get a World of their own. */
export function checksOn(open: OpenWorld): Check {
  return (title, body) => {
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- both come from the check
    test(title, async () => {
      const scene = await openScene(open);
      try {
        await body(scene);
      } finally {
        await scene.world.close();
      }
    });
  };
}

export async function openScene(open: OpenWorld): Promise<Scene> {
  const clock = createTestClock();
  const world = await open({ clock });
  await world.code.put(CODE);
  let runs = 0;
  const next = (rest?: Partial<NewRun>): NewRun => newRunOf((runs += 1), rest);
  return {
    world,
    clock,
    async create(rest) {
      const run = next(rest);
      expect(await world.createRun(run)).toEqual({ status: "created", lease: null });
      return run.runId;
    },
    async own(worker = "wrkr_a", rest) {
      const run = next(rest);
      await world.join(worker);
      const owner = ownerOf(world, leaseOf(await world.createRun(run, worker)));
      await owner.commit(started);
      return owner;
    },
    async take(worker, runId) {
      await world.join(worker);
      return ownerOf(world, await world.leaseRun(worker, runId));
    },
  };
}

/** The lease of a run that was created for a worker. */
export function leaseOf(creation: Creation): Lease | null {
  if (creation.status !== "created") throw new Error(`No run was created: ${JSON.stringify(creation)}`);
  return creation.lease;
}

export function ownerOf(world: World, lease: Lease | null | undefined): Owner {
  if (lease === null || lease === undefined) throw new Error("The World gave no lease where it had to");
  const { runId } = lease;
  const history = async (): Promise<RunRecord["history"]> => (await world.read(runId, 0)).history;
  const turn = async (rest: Partial<Turn>): Promise<Committed> => {
    const after = rest.after ?? (await history()).length;
    return await world.commit(lease, { entries: [], drops: [], dueAt: null, ...rest, after });
  };
  return {
    runId,
    lease,
    turn,
    commit: (...events) => turn({ entries: events.map(entry) }),
    park: (dueAt = null) => world.release(lease, { dueAt }),
    history,
    inbox: async () => (await world.read(runId, 0)).inbox,
  };
}

/** The runs of `leases`, oldest first. */
export function idsOf(leases: readonly Lease[]): readonly string[] {
  return leases.map((lease) => lease.runId).toSorted();
}
