import { createHook } from "workflow";

/** Signals that workflow code, a step and the caller abort, and one that is made of them. */
export async function aborts(theirs: AbortSignal, token: string): Promise<unknown[]> {
  "use workflow";
  const own = new AbortController();
  const any = AbortSignal.any([own.signal, theirs]);
  const heard: unknown[] = [];
  any.addEventListener("abort", () => heard.push(any.reason));
  const running = untilAborted(any);
  const hook = createHook({ token });
  await hook;
  own.abort();
  const lent = new AbortController();
  await pull(lent);
  if (!theirs.aborted) await new Promise((resolve) => theirs.addEventListener("abort", resolve));
  return [heard, await running.catch((error: unknown) => error), lent.signal.reason, theirs.reason];
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  "use step";
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  signal.throwIfAborted();
}

async function pull(controller: AbortController): Promise<void> {
  "use step";
  controller.abort();
}
