import type { Received } from "../primitives.ts";
import type { RunContext, Settle } from "./context.ts";
import { type HookRecord, revive, take } from "./hook.ts";
import { pending } from "./pending.ts";
import { TENTATIVELY, type Tentative } from "./tentative.ts";
import { Wait } from "./wait.ts";

/** Waits for the next payload, and gives up at `until` (milliseconds since the epoch), if that is given. */
export function receiveOf(run: RunContext, hook: HookRecord, until: number | undefined): Promise<Received<unknown>> {
  return new ReceivePromise((settle) => receive(run, hook, until, settle));
}

/** Returns what withdraws it: a payload that it took goes back. */
function receive(
  run: RunContext,
  hook: HookRecord,
  until: number | undefined,
  { resolve, reject }: Settle,
): () => void {
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
  if (open && until !== undefined) {
    stopTimer = new Wait(run, until).listen({
      end() {
        withdraw();
        resolve({ status: "timeout" });
      },
      // The hook itself tells of it.
      interrupt: () => {},
    });
  }
  return () => {
    stopTimer();
    withdraw();
  };
}

/**
 * Knows whether anyone waits for it: a race that it lost withdraws it, and whoever asks it later begins it again. All
 * who ask go through `then`, so what it would come to as a promise of its own does not matter.
 */
class ReceivePromise extends Promise<Received<unknown>> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #begin: (settle: Settle) => () => void;
  #outcome!: Promise<Received<unknown>>;
  #withdraw: () => void = () => {};
  #withdrawn = true;
  #kept = false;
  /** Races that it has not lost. One that it won stays: what was given away is not taken back. */
  #races = 0;

  constructor(begin: (settle: Settle) => () => void) {
    super(() => {});
    this.#begin = begin;
    this.#going();
  }

  #going(): Promise<Received<unknown>> {
    if (this.#withdrawn) {
      this.#withdrawn = false;
      this.#outcome = pending((settle) => {
        this.#withdraw = this.#begin(settle);
      });
    }
    return this.#outcome;
  }

  override then<A = Received<unknown>, B = never>(
    onReceived?: ((received: Received<unknown>) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#kept = true;
    return this.#going().then(onReceived, onError);
  }

  [TENTATIVELY](): Tentative {
    const promise = this.#going();
    this.#races += 1;
    return { promise, withdraw: () => this.#lose() };
  }

  #lose(): void {
    this.#races -= 1;
    if (this.#races > 0 || this.#kept) return;
    this.#withdrawn = true;
    this.#withdraw();
  }
}
