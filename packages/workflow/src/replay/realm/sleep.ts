import type { StringValue } from "../../world/duration.ts";
import { callingRun } from "./context.ts";
import { pending } from "./pending.ts";
import { TENTATIVELY, type Tentative } from "./tentative.ts";
import { timeOf } from "./time-of.ts";
import { Wait } from "./wait.ts";

export function sleep(duration: StringValue | Date | number): Promise<void> {
  const run = callingRun();
  return new SleepPromise(new Wait(run, timeOf(duration, run.now, "sleep()")));
}

/**
 * Knows whether anyone waits for it. Its class is not `Promise`, or `await` would wait without calling `then`; what
 * is made of it is a plain promise.
 */
class SleepPromise extends Promise<void> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #wait: Wait;

  constructor(wait: Wait) {
    super((resolve, reject) => wait.onOver({ end: resolve, interrupt: reject }));
    this.#wait = wait;
    // Of a run that is cancelled, nobody need wait for it.
    super.then(undefined, () => {});
  }

  override then<A = void, B = never>(
    onEnd?: ((value: void) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#wait.keep();
    return super.then(onEnd, onError);
  }

  [TENTATIVELY](): Tentative {
    let withdraw = (): void => {};
    const promise = pending<void>(({ resolve, reject }) => {
      withdraw = this.#wait.listen({ end: () => resolve(undefined), interrupt: reject });
    });
    return { promise, withdraw };
  }
}
