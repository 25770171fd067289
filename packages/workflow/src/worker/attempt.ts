import type { Clock } from "../world/clock.ts";
import type { Step } from "../world/entities.ts";
import { StepTimeoutError } from "../world/step-errors.ts";

/** An attempt whose body runs: what the body is told through its signal, and how long it may still take. */
export class Attempt {
  readonly step: Step;
  readonly #clock: Clock;
  #controller: AbortController | undefined;
  #isRunning = true;
  #lateness: StepTimeoutError | undefined;
  #lastSign = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(step: Step, clock: Clock) {
    this.step = step;
    this.#clock = clock;
  }

  /** Whether the body has not ended yet. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Aborted when nobody waits for the body any more. */
  get signal(): AbortSignal {
    return this.#own.signal;
  }

  abort(reason: Error): void {
    if (this.#isRunning) this.#own.abort(reason);
  }

  /** Made when somebody asks: few bodies look at their signal. */
  get #own(): AbortController {
    return (this.#controller ??= new AbortController());
  }

  /** Begins the time that the body has. When it is over, the signal is aborted, and `onTimeout` called just before. */
  limit(timeout: number, onTimeout: (error: StepTimeoutError) => void): void {
    this.heartbeat();
    const wait = (ms: number): void => {
      this.#cancelTimer = this.#clock.delay(ms, () => {
        const left = this.#lastSign + timeout - this.#clock.elapsed();
        if (left > 0) return wait(left);
        const error = new StepTimeoutError(this.step, timeout);
        this.#lateness = error;
        // Whatever the body makes of the abort comes later than its failure.
        onTimeout(error);
        this.abort(error);
      });
    };
    wait(timeout);
  }

  /** The time begins anew; its timer is set again only when it has run. */
  heartbeat(): void {
    this.#lastSign = this.#clock.elapsed();
  }

  /**
   * The body has ended, and what it came to is about to be written: from now on nobody says anything else of the attempt.
   * @throws `StepTimeoutError` when its time was over before.
   */
  settle(): void {
    if (this.#lateness !== undefined) throw this.#lateness;
    this.end();
  }

  /** The body has ended. */
  end(): void {
    this.#isRunning = false;
    this.#cancelTimer?.();
  }
}
