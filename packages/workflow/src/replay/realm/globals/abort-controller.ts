import { abortSignal, type AbortSignal, createSignal } from "./abort-signal.ts";

let adopt: (signal: AbortSignal) => AbortController;

/** `AbortController` of the DOM Standard. What it aborts stays aborted, also on other machines (contract 06 section 6.8). */
export class AbortController {
  #signal = createSignal();

  static {
    adopt = (signal) => {
      const controller = new AbortController();
      controller.#signal = signal;
      return controller;
    };
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /** At once here; everywhere else once the run's code waits or ends. Again: nothing. */
  abort(reason?: unknown): void {
    abortSignal(this.#signal, reason, "by this run");
  }

  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}

/** The controller of a signal that was made elsewhere. */
export function controllerOf(signal: AbortSignal): AbortController {
  return adopt(signal);
}
