import { TENTATIVELY, type Tentative } from "./tentative.ts";

interface Racer {
  readonly promise: PromiseLike<unknown>;
  readonly withdraw: () => void;
}

/**
 * Makes `Promise.race` and `Promise.any` know hooks and sleeps: a hook that lost is not waiting any more, so its next
 * payload goes to the next waiter and not into the void; a sleep that lost is closed unless someone else waits for it.
 */
export function installRaces(): void {
  const keep = { writable: true, configurable: true, enumerable: false };
  Object.defineProperty(Promise, "race", { ...keep, value: race });
  Object.defineProperty(Promise, "any", { ...keep, value: any });
}

function enter(C: PromiseConstructor, contender: unknown): Racer {
  if (typeof contender === "object" && contender !== null && TENTATIVELY in contender) {
    return (contender as { [TENTATIVELY](): Tentative })[TENTATIVELY]();
  }
  return { promise: C.resolve(contender), withdraw: () => {} };
}

function race(this: PromiseConstructor, contenders: Iterable<unknown>): Promise<unknown> {
  return new this((resolve, reject) => {
    const racers = Array.from(contenders, (contender) => enter(this, contender));
    const finish = decide(racers);
    for (const racer of racers) {
      racer.promise.then(
        (value) => finish(racer) && resolve(value),
        (reason) => finish(racer) && reject(reason),
      );
    }
  });
}

function any(this: PromiseConstructor, contenders: Iterable<unknown>): Promise<unknown> {
  return new this((resolve, reject) => {
    const racers = Array.from(contenders, (contender) => enter(this, contender));
    const finish = decide(racers);
    const errors: unknown[] = [];
    let open = racers.length;
    const giveUp = (): void => reject(new AggregateError(errors, "All promises were rejected"));
    if (open === 0) giveUp();
    for (const [index, racer] of racers.entries()) {
      racer.promise.then(
        (value) => finish(racer) && resolve(value),
        (reason) => {
          errors[index] = reason;
          open -= 1;
          if (open === 0) giveUp();
        },
      );
    }
  });
}

/** The first to come is told so, and all others are withdrawn. */
function decide(racers: readonly Racer[]): (winner: Racer) => boolean {
  let decided = false;
  return (winner) => {
    if (decided) return false;
    decided = true;
    for (const racer of racers) if (racer !== winner) racer.withdraw();
    return true;
  };
}
