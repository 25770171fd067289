import { createHook, defineHook, sleep } from "workflow";
import { HookConflictError, HookExpiredError } from "workflow/errors";

/** Each round, whichever comes first: a payload, or 40 ms. */
export async function race(token: string, rounds: number): Promise<unknown[]> {
  "use workflow";
  const hook = createHook<string>({ token });
  const seen: unknown[] = [];
  for (let round = 0; round < rounds; round++) {
    seen.push(await Promise.race([hook, sleep("40ms").then(() => "late")]));
  }
  return seen;
}

export async function stream(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook<string>({ token, metadata: { for: "letters", since: new Date(0) } });
  const seen: string[] = [];
  for await (const letter of hook) {
    seen.push(letter, await note(letter));
    if (letter === "end") hook.dispose();
  }
  return seen;
}

export async function holds(token: string): Promise<unknown> {
  "use workflow";
  const hook = createHook({ token });
  return [await hook.getConflict(), await hook];
}

/** Waits twice: for what was held, and for nothing. */
export async function expires(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token, expiresIn: "300ms" });
  const seen: unknown[] = [await hook];
  try {
    for await (const more of hook) seen.push(more);
  } catch (error) {
    seen.push(HookExpiredError.is(error), await note("expired"));
  }
  return seen;
}

export async function holdsLate(token: string): Promise<unknown[]> {
  "use workflow";
  const word = await note("before");
  const hook = createHook({ token });
  return [word, await hook, await hook.getConflict()];
}

export async function conflicts(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token });
  const holder = await hook.getConflict();
  try {
    await hook;
    return ["nothing was thrown"];
  } catch (error) {
    return [holder?.runId, HookConflictError.is(error), await note("lost")];
  }
}

/** Sleeps and receives that lose: in a round, in the instant in which they begin, and one that is used again. */
export async function loses(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook<string>({ token, expiresIn: "30 days" });
  const deadline = sleep("1 day");
  const seen: unknown[] = [await Promise.race([hook, deadline]), await hook.receive({ timeout: "1 day" })];
  seen.push(await note("between"), await Promise.race([hook, deadline]), await hook.receive({ timeout: 1 }));
  seen.push(await Promise.race(["at once", sleep("1 day")]));
  return [...seen, await note("end")];
}

/** What it asks of the holder is as it was then. */
export async function asks(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token });
  const holder = await hook.getConflict();
  if (holder === null) return [];
  const failure = await holder.cancel({ cancelReason: "asked to" }).then(() => holder.returnValue.catch((e) => e));
  return [await holder.exists, await holder.createdAt, await holder.status, failure, await holder.wakeUp()];
}

/** The second payload comes while the step runs, and is never taken. */
export async function disposes(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token });
  const first = await hook;
  await pause(200);
  hook.dispose();
  hook.dispose();
  await note("disposed");
  const again = createHook({ token });
  return [first, await again.getConflict(), await again];
}

export async function once(token: string): Promise<unknown> {
  "use workflow";
  const hook = createHook({ token });
  const first = await hook;
  hook.dispose();
  await sleep(1);
  return first;
}

const approval = defineHook<{ ok: boolean }>();

export async function typed(): Promise<unknown[]> {
  "use workflow";
  const [one, two] = [approval.create(), approval.create({ token: `own:${await note("x")}` })];
  await note(one.token);
  return Promise.all([one, two]);
}

async function note(text: string): Promise<string> {
  "use step";
  return text.toUpperCase();
}

async function pause(ms: number): Promise<void> {
  "use step";
  await new Promise((resolve) => setTimeout(resolve, ms));
}
