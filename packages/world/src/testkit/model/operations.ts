import {
  advance,
  emptyState,
  LeaseLostError,
  type Lease,
  type NewEvent,
  type NewFact,
  type RunRecord,
  type RunState,
  type StoredEvent,
  type World,
} from "workflow/world";
import type { TestClock } from "../clock.ts";
import {
  AT,
  cancelled,
  completed,
  failed,
  hookCreated,
  hookDisposed,
  newRunOf,
  payload,
  runIdOf,
  said,
  started,
  stepCompleted,
  stepCreated,
  stepFailed,
  stepRetrying,
  stepStarted,
  waitCompleted,
  waitCreated,
} from "../kit/events.ts";
import type { Random } from "./random.ts";

/** One of the two Worlds that are compared, with the leases it gave so far. */
export interface Player {
  readonly world: World;
  /** Also those that are stale by now. At the same index in both players, for the same run and worker. */
  readonly leases: Lease[];
  /** Indexes of leases that were given back or found to be lost. */
  readonly spent: Set<number>;
}

/** A call that both Worlds get. What it answers must be the same on both. */
export interface Operation {
  readonly name: string;
  call(player: Player): Promise<unknown>;
}

/** All have joined when the first operation is made. */
export const WORKERS = ["wrkr_a", "wrkr_b", "wrkr_c"] as const;
const TOKENS = ["door", "gate", "window"] as const;
const RUNS = 7;

/** Everything that a random operation depends on. */
export interface Dice {
  readonly random: Random;
  readonly clock: TestClock;
  /** The model: what it holds steers the choice towards operations that change something. */
  readonly model: Player;
}

/** The next operation: mostly one that a correct engine could make, now and then one that it must not. */
export async function nextOperation(dice: Dice): Promise<Operation> {
  const { random, model } = dice;
  const roll = random.below(100);
  if (roll < 7 || model.leases.length === 0) return await create(dice);
  if (roll < 15) return membership(random);
  if (roll < 26) return await leaseSome(dice);
  if (roll < 58) return hasGoodLease(model) || random.chance(20) ? await commit(dice) : await leaseSome(dice);
  if (roll < 64) return release(dice);
  if (roll < 78) return await resume(dice);
  if (roll < 92) return await tellRun(dice);
  return moveClock(dice);
}

async function knownRuns({ model }: Dice): Promise<readonly string[]> {
  return (await model.world.runs.list()).data.map((run) => run.runId);
}

/** A run that exists, usually. */
async function anyRun(dice: Dice): Promise<string> {
  const known = await knownRuns(dice);
  return known.length > 0 && dice.random.chance(90) ? dice.random.pick(known) : runIdOf(RUNS + 1);
}

function keep(player: Player, leases: readonly (Lease | null)[]): unknown {
  const given = leases.filter((lease) => lease !== null).toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  player.leases.push(...given);
  return given.map(({ runId, worker }) => ({ runId, worker }));
}

/** The run after the last, usually; all are taken once there are {@link RUNS}. */
async function create(dice: Dice): Promise<Operation> {
  const { random } = dice;
  const last = (await knownRuns(dice)).length;
  const n = last < RUNS && random.chance(85) ? last + 1 : 1 + random.below(RUNS);
  const run = newRunOf(n, random.chance(5) ? { codeHash: "unknown" } : {});
  const worker = random.chance(60) ? random.pick(WORKERS) : undefined;
  return {
    name: `create run ${n} ${worker === undefined ? "for anyone" : `for ${worker}`}`,
    call: async (player) => {
      const creation = await player.world.createRun(run, worker);
      return creation.status === "created" ? keep(player, [creation.lease]) : creation;
    },
  };
}

function membership(random: Random): Operation {
  const worker = random.pick(WORKERS);
  const method = random.pick(["join", "join", "join", "join", "join", "renew", "renew", "leave"] as const);
  return { name: `${method} ${worker}`, call: ({ world }) => world[method](worker) };
}

async function leaseSome(dice: Dice): Promise<Operation> {
  const { random } = dice;
  const worker = random.pick(WORKERS);
  if (random.chance(50)) {
    return {
      name: `lease for ${worker}`,
      call: async (player) => keep(player, await player.world.lease(worker, 100)),
    };
  }
  const runId = await anyRun(dice);
  return {
    name: `leaseRun ${runId} for ${worker}`,
    call: async (player) => keep(player, [await player.world.leaseRun(worker, runId)]),
  };
}

function hasGoodLease({ leases, spent }: Player): boolean {
  return leases.length > spent.size;
}

/** A lease that has worked so far, usually. */
function anyLease({ random, model: { leases, spent } }: Dice): number {
  const indexes = [...leases.keys()];
  const good = indexes.filter((index) => !spent.has(index));
  return random.pick(good.length > 0 && random.chance(90) ? good : indexes);
}

function release(dice: Dice): Operation {
  const index = anyLease(dice);
  const dueAt = anyDueTime(dice);
  const problem = dice.random.chance(25) && { code: "REPLAY_DIVERGED", message: "changed" };
  return {
    name: `release lease ${index} until ${dueAt}${problem ? " with a problem" : ""}`,
    call: async ({ world, leases, spent }) => {
      const lease = leases[index];
      spent.add(index);
      if (lease !== undefined) await world.release(lease, { dueAt, ...(problem && { problem }) });
    },
  };
}

function anyDueTime({ random, clock }: Dice): number | null {
  return random.pick([null, 0, clock.now() + 1000 * random.below(60)]);
}

async function resume({ random, model }: Dice): Promise<Operation> {
  const held = (await model.world.hooks.list()).data.map((hook) => hook.token);
  const token = held.length > 0 && random.chance(85) ? random.pick(held) : random.pick([...TOKENS, ""]);
  const fact = said(`payload ${random.below(1000)}`);
  return { name: `resume "${token}"`, call: ({ world }) => world.deliver({ token }, fact) };
}

async function tellRun(dice: Dice): Promise<Operation> {
  const { random } = dice;
  const runId = await anyRun(dice);
  const n = numberOf(runId);
  const fact: NewFact = random.pick([
    cancelled("enough"),
    waitCompleted(`wait_${n}_${random.below(2)}`),
    { ...said("by id"), correlationId: `hook_${n}_${random.below(2)}` },
  ]);
  return { name: `${fact.type} to run ${n}`, call: ({ world }) => world.deliver({ runId }, fact) };
}

function numberOf(runId: string): number {
  return Number(runId.slice("wrun_".length));
}

function moveClock({ random, clock }: Dice): Operation {
  const ms = random.pick([1, 10, 100, 100, 900, 900, 2000, 2000, 4000, 4000, 11_000, 60_000]);
  let moved = false;
  return {
    name: `${ms} ms pass`,
    async call() {
      // Both players share the clock.
      if (!moved) clock.advance(ms);
      moved = true;
    },
  };
}

// ---- turns --------------------------------------------------------------------------------------

type Choice = { readonly event: NewEvent } | { readonly fact: number; readonly undelivered: boolean };

async function commit(dice: Dice): Promise<Operation> {
  const { random, model } = dice;
  const index = anyLease(dice);
  const lease = model.leases[index];
  if (lease === undefined) throw new Error("There is no lease to commit under");
  const record = await model.world.read(lease.runId, 0);
  const after = record.history.length + (random.chance(4) ? random.pick([-1, 1]) : 0);
  const choices = chooseEntries(random, lease.runId, record);
  const dropped = chooseDrops(random, record, choices);
  const dueAt = anyDueTime(dice);
  return {
    name: `commit under lease ${index} after ${after}: ${JSON.stringify({ choices, dropped, dueAt })}`,
    async call({ world, leases, spent }) {
      const own = leases[index] ?? lease;
      const { inbox } = await world.read(own.runId, 0);
      const idOf = (fact: number): number => inbox[fact]?.id ?? -1;
      const entries = choices.map((choice) =>
        "event" in choice
          ? ({ kind: "event", event: choice.event } as const)
          : ({ kind: "admit", factId: idOf(choice.fact), undelivered: choice.undelivered } as const),
      );
      const turn = { after, entries, drops: dropped.map(idOf), dueAt };
      return await world.commit(own, turn).catch((error: unknown) => {
        if (LeaseLostError.is(error)) spent.add(index);
        throw error;
      });
    },
  };
}

/** Up to five entries, nearly all of which the state machine takes after the ones before. */
function chooseEntries(random: Random, runId: string, record: RunRecord): readonly Choice[] {
  const state = emptyState();
  for (const event of record.history) advance(runId, state, event);
  const choices: Choice[] = [];
  for (let tries = random.below(12); tries > 0 && choices.length < 5; tries -= 1) {
    const choice = chooseEntry(random, runId, record);
    const taken = "fact" in choice && choices.some((other) => "fact" in other && other.fact === choice.fact);
    if ((!taken && accepts(runId, state, record, choice)) || random.chance(1)) choices.push(choice);
  }
  return choices;
}

function accepts(runId: string, state: RunState, record: RunRecord, choice: Choice): boolean {
  const event = "event" in choice ? choice.event : record.inbox[choice.fact]?.event;
  if (event === undefined) return false;
  const undelivered = "fact" in choice && choice.undelivered && event.type === "hook_received";
  const placed = { ...event, ...(undelivered && { data: { undelivered } }), position: 0, turn: 0 } as StoredEvent;
  return advance(runId, state, placed).kind !== "refused";
}

function chooseEntry(random: Random, runId: string, { inbox }: RunRecord): Choice {
  if (inbox.length > 0 && random.chance(35)) {
    return { fact: random.below(inbox.length), undelivered: random.chance(20) };
  }
  const n = numberOf(runId);
  const step = `step_${random.below(3)}`;
  const hook = `hook_${n}_${random.below(4)}`;
  const wait = `wait_${n}_${random.below(2)}`;
  const event = random.pick<NewEvent>([
    started,
    stepCreated(step),
    stepStarted(step, 1 + random.below(3)),
    stepRetrying(step, AT + random.below(1000)),
    stepCompleted(step, payload(`result ${random.below(1000)}`)),
    stepFailed(step),
    hookCreated(hook, random.pick(TOKENS), payload(hook)),
    hookCreated(hook, random.pick(TOKENS)),
    hookCreated(hook, random.pick(TOKENS)),
    hookDisposed(hook),
    { ...said(`own ${random.below(1000)}`), correlationId: hook },
    waitCreated(wait, AT + random.below(100_000)),
    waitCompleted(wait),
    random.chance(60) ? stepCreated(step) : random.pick([completed, failed, cancelled()]),
  ]);
  return { event };
}

/** Wake-ups that mean nothing any more; now and then something that must not be dropped. */
function chooseDrops(random: Random, { inbox }: RunRecord, choices: readonly Choice[]): readonly number[] {
  return inbox.flatMap((fact, index) => {
    const admitted = choices.some((choice) => "fact" in choice && choice.fact === index);
    const droppable = fact.event.type === "wait_completed" && !admitted;
    return (droppable && random.chance(50)) || random.chance(1) ? [index] : [];
  });
}
