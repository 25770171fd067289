import type { NewFact } from "workflow/world";
import { cancelled, payload, said, waitCompleted } from "../kit/events.ts";
import { anyKey, anyRun, anySpan, numberOf, TOKENS, type Dice, type Operation } from "./dice.ts";

/** A payload for a token that somebody has, usually. */
export async function resume({ random, clock, model }: Dice): Promise<Operation> {
  const found = (await model.world.hooks.list()).data.map((hook) => hook.token);
  const token = found.length > 0 && random.chance(70) ? random.pick(found) : random.pick([...TOKENS, ...TOKENS, ""]);
  const fact = { ...said(`payload ${random.below(1000)}`), at: clock.now() };
  const held = random.chance(50) ? { holdUntil: clock.now() + (random.chance(90) ? anySpan(random) : 0) } : {};
  const options = { ...anyKey(random, 60), ...held };
  return {
    name: `resume "${token}" ${JSON.stringify(options)}`,
    call: ({ world }) => world.deliver({ token }, fact, options),
  };
}

export async function tellRun(dice: Dice): Promise<Operation> {
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

/** An answer, or a look whether there is one. */
export async function answer(dice: Dice): Promise<Operation> {
  const { random } = dice;
  const requestId = `req_${random.below(3)}`;
  if (random.chance(50)) {
    const text = payload(`answer ${random.below(1000)}`);
    return { name: `put ${requestId}`, call: ({ world }) => world.answers.put(requestId, text) };
  }
  const runId = await anyRun(dice);
  return {
    name: `wait for ${requestId}`,
    call: ({ world }) => world.answers.wait(requestId, { runId, timeoutMs: 0, signal: AbortSignal.abort() }),
  };
}

export function find({ random }: Dice): Operation {
  const token = random.pick([...TOKENS, ""]);
  return { name: `find "${token}"`, call: ({ world }) => world.hooks.getByToken(token) };
}
