import {
  advance,
  emptyState,
  isEnded,
  LeaseLostError,
  type Clock,
  type Continuation,
  type Hook,
  type NewEvent,
  type RunRecord,
  type RunState,
  type StoredEvent,
  type TurnEntry,
} from "workflow/world";
import {
  AT,
  cancelled,
  cancelRequested,
  completed,
  continued,
  failed,
  hookCreated,
  hookDisposed,
  hookExpired,
  hookLasting,
  payload,
  runIdOf,
  said,
  started,
  stepAwaiting,
  stepCompleted,
  stepCreated,
  stepFailed,
  stepRetrying,
  stepStarted,
  waitCompleted,
  waitCreated,
} from "../kit/events.ts";
import { anyDueTime, anyLease, anySpan, numberOf, RUNS, TOKENS, type Dice, type Operation } from "./dice.ts";
import type { Random } from "./random.ts";
type Choice =
  | { readonly event: NewEvent }
  | { readonly fact: number; readonly undelivered: boolean }
  | { readonly continuation: Continuation };

/** A turn of a run, usually one that it may make. */
export async function commit(dice: Dice): Promise<Operation> {
  const { random, model } = dice;
  const index = anyLease(dice);
  const lease = model.leases[index];
  if (lease === undefined) throw new Error("There is no lease to commit under");
  const record = await model.world.read(lease.runId, 0);
  const after = record.history.length + (random.chance(4) ? random.pick([-1, 1]) : 0);
  const choices = chooseEntries(dice, lease.runId, record);
  const dropped = chooseDrops(random, record, choices);
  const dueAt = anyDueTime(dice);
  return {
    name: `commit under lease ${index} after ${after}: ${JSON.stringify({ choices, dropped, dueAt })}`,
    async call({ world, leases, spent }) {
      const own = leases[index] ?? lease;
      const { inbox } = await world.read(own.runId, 0);
      const idOf = (fact: number): number => inbox[fact]?.id ?? -1;
      const entries = choices.map((choice): TurnEntry => {
        if ("continuation" in choice) return choice.continuation;
        if ("event" in choice) return { kind: "event", event: choice.event };
        return { kind: "admit", factId: idOf(choice.fact), undelivered: choice.undelivered };
      });
      const turn = { after, entries, drops: dropped.map(idOf), dueAt };
      return await world.commit(own, turn).catch((error: unknown) => {
        if (LeaseLostError.is(error)) spent.add(index);
        throw error;
      });
    },
  };
}

/** Up to five entries, nearly all of which the state machine takes after the ones before. */
function chooseEntries(dice: Dice, runId: string, record: RunRecord): readonly Choice[] {
  const { random } = dice;
  const state = emptyState();
  for (const event of record.history) advance(runId, state, event);
  const choices: Choice[] = [];
  for (let tries = random.below(12); tries > 0 && choices.length < 5; tries -= 1) {
    const choice = chooseEntry(dice, runId, record);
    const taken = "fact" in choice && choices.some((other) => "fact" in other && other.fact === choice.fact);
    if ((!taken && accepts(runId, state, record, choice)) || random.chance(1)) choices.push(choice);
  }
  const ended = state.run !== undefined && isEnded(state.run);
  if (random.chance(8) && (!ended || random.chance(10))) choices.push(continuation(dice, state, record));
  return choices;
}

/** What was received is taken in part; each active hook keeps its token, under the id that its next one will have. */
function continuation({ random, clock }: Dice, state: RunState, { history }: RunRecord): Choice {
  const active = [...state.hooks.values()].filter(({ status, hook }) => status === "active" && !isOver(hook, clock));
  const hooks = active.map(({ hook }) => ({ token: hook.token, hookId: `${hook.hookId} next` }));
  const received = history.filter(({ type }) => type === "hook_received");
  const untaken = received.filter(() => random.chance(50)).map(({ position }) => position);
  return { continuation: continued({ hooks, untaken, at: AT + random.below(1000) }) };
}

function isOver({ expiresAt }: Hook, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= clock.now();
}

function accepts(
  runId: string,
  state: RunState,
  record: RunRecord,
  choice: Exclude<Choice, { readonly continuation: unknown }>,
): boolean {
  const event = "event" in choice ? choice.event : record.inbox[choice.fact]?.event;
  if (event === undefined) return false;
  const undelivered = "fact" in choice && choice.undelivered && event.type === "hook_received";
  const placed = {
    ...event,
    ...(undelivered && { data: { ...event.data, undelivered } }),
    position: 0,
    turn: 0,
  } as StoredEvent;
  return advance(runId, state, placed).kind !== "refused";
}

function chooseEntry(
  { random, clock }: Dice,
  runId: string,
  { inbox }: RunRecord,
): Exclude<Choice, { readonly continuation: unknown }> {
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
    stepAwaiting(`${step}_awaiting`, runIdOf(1 + random.below(RUNS))),
    stepAwaiting(`${step}_awaiting`, runIdOf(1 + random.below(RUNS))),
    cancelRequested(AT + random.below(100_000)),
    stepStarted(step, 1 + random.below(3)),
    stepRetrying(step, AT + random.below(1000)),
    stepCompleted(step, payload(`result ${random.below(1000)}`)),
    stepFailed(step),
    hookCreated(hook, random.pick(TOKENS), payload(hook)),
    hookCreated(hook, random.pick(TOKENS)),
    hookCreated(hook, random.pick(TOKENS)),
    hookLasting(hook, random.pick(TOKENS), { expiresAt: clock.now() + anySpan(random) }),
    hookLasting(hook, random.pick(TOKENS), { tokenRetentionUntil: clock.now() + anySpan(random) }),
    random.chance(70) ? hookDisposed(hook) : hookExpired(hook),
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
    const droppable = fact.event.type !== "hook_received" && fact.event.type !== "run_cancelled" && !admitted;
    return (droppable && random.chance(50)) || random.chance(1) ? [index] : [];
  });
}
