import type { Received } from "../primitives.ts";
import type { RunContext } from "./context.ts";
import { type HookRecord, revive, take } from "./hook.ts";
import { pending } from "./pending.ts";
import { Wait } from "./wait.ts";

/** Waits for the next payload, and gives up at `until` (milliseconds since the epoch), if that is given. */
export function receiveOf(run: RunContext, hook: HookRecord, until: number | undefined): Promise<Received<unknown>> {
  return pending(({ resolve, reject }) => {
    let open = true;
    let stopTimer = (): void => {};
    const close = (): void => {
      open = false;
      stopTimer();
    };
    const withdraw = take(hook, {
      resolve(taken) {
        close();
        resolve({ status: "received", payload: revive(run, taken) });
      },
      reject(reason) {
        close();
        reject(reason);
      },
    });
    if (!open || until === undefined) return;
    stopTimer = new Wait(run, until).listen(() => {
      withdraw();
      resolve({ status: "timeout" });
    });
  });
}
