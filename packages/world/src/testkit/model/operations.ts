import type { Lease, NewRun } from "workflow/world";
import { claimOf, newRunOf } from "../kit/events.ts";
import {
  anyDueTime,
  anyKey,
  anyLease,
  anyRun,
  knownRuns,
  moveClock,
  RUNS,
  TOKENS,
  WORKERS,
  type Dice,
  type Operation,
  type Player,
} from "./dice.ts";
import { answer, find, resume, tellRun } from "./payloads.ts";
import type { Random } from "./random.ts";
import { commit } from "./turns.ts";

/** The next operation: mostly one that a correct engine could make, now and then one that it must not. */
export async function nextOperation(dice: Dice): Promise<Operation> {
  const { random, model } = dice;
  const roll = random.below(100);
  if (roll < 10 || model.leases.length === 0) return await create(dice);
  if (roll < 17) return membership(random);
  if (roll < 27) return await leaseSome(dice);
  if (roll < 58) return hasGoodLease(model) || random.chance(20) ? await commit(dice) : await leaseSome(dice);
  if (roll < 63) return release(dice);
  if (roll < 79) return await resume(dice);
  if (roll < 85) return await tellRun(dice);
  if (roll < 89) return await answer(dice);
  if (roll < 92) return find(dice);
  return moveClock(dice);
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
  const options = { ...anyClaim(dice, n), ...anyKey(random, 25), ...(random.chance(5) && { codeHash: "unknown" }) };
  const worker = random.chance(60) ? random.pick(WORKERS) : undefined;
  const run = newRunOf(n, options);
  return {
    name: `create run ${n} ${worker === undefined ? "for anyone" : `for ${worker}`}: ${JSON.stringify(options)}`,
    call: async (player) => {
      const creation = await player.world.createRun(run, worker);
      return creation.status === "created" ? keep(player, [creation.lease]) : creation;
    },
  };
}

function anyClaim({ random }: Dice, n: number): Partial<NewRun> {
  const workflowName = random.chance(20) && { workflowName: "workflow//shop//refund" };
  if (random.chance(60)) return { ...workflowName };
  const rest = { hookId: `hook_${n}_claim`, ...anyKey(random, 40) };
  return { ...workflowName, ...claimOf(random.pick(TOKENS), `start ${random.below(1000)}`, rest) };
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
