/** `AbortSignal` of the DOM Standard, which outlives the process: its abort is told to a system hook (contract 06 section 6.8). */
import { ADDRESS } from "../../../serialization/signals.ts";
import type { SignalAddress } from "../../../serialization/serialize.ts";
import { askForHook, type SystemHook, tellAbort } from "../abort-hooks.ts";
import { DOMException } from "./dom-exception.ts";

/** What listeners are given. */
interface AbortEvent {
  readonly type: "abort";
  readonly target: AbortSignal;
  readonly currentTarget: AbortSignal;
}

type Listener = ((this: AbortSignal, event: AbortEvent) => unknown) | { handleEvent(event: AbortEvent): unknown };

interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
}

const KEY = Symbol("AbortSignal");

let trip: (signal: AbortSignal, reason: unknown, told: "by this run" | "from outside") => void;
let connect: (signal: AbortSignal, hook: SystemHook) => void;

export class AbortSignal {
  #aborted = false;
  #reason: unknown = undefined;
  #onabort: unknown = null;
  /** `onabort` has its place where it was first set. */
  #registrations: Registration[] = [];
  /** Signals that are aborted when this one is. */
  readonly #dependents = new Set<AbortSignal>();
  #hook: SystemHook | undefined;

  static {
    trip = (signal, reason, told) => signal.#abort(reason, told === "by this run");
    connect = (signal, hook) => (signal.#hook = hook);
    Object.defineProperty(AbortSignal.prototype, ADDRESS, {
      value(this: AbortSignal) {
        return this.#address();
      },
    });
  }

  constructor(key?: unknown) {
    if (key !== KEY) throw new TypeError("Illegal constructor");
  }

  /** A signal that is aborted already. */
  static abort(reason?: unknown): AbortSignal {
    const signal = createSignal();
    signal.#mark(reasonOr(reason));
    return signal;
  }

  /** A signal that is aborted as soon as one of `signals` is, with its reason. */
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const sources = [...signals];
    for (const source of sources) {
      if (!(#aborted in source)) throw new TypeError("AbortSignal.any: each of the signals must be an AbortSignal");
    }
    const derived = createSignal();
    const first = sources.find((source) => source.#aborted);
    if (first !== undefined) derived.#mark(first.#reason);
    else for (const source of sources) source.#dependents.add(derived);
    return derived;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get onabort(): unknown {
    return this.#onabort;
  }

  set onabort(handler: unknown) {
    const isCallable = typeof handler === "function" || (typeof handler === "object" && handler !== null);
    this.#onabort = isCallable ? handler : null;
    this.#registrations = this.#registrations.filter(({ listener }) => listener !== this.#callHandler || isCallable);
    if (isCallable) this.addEventListener("abort", this.#callHandler);
  }

  readonly #callHandler = (event: AbortEvent): void => {
    if (typeof this.#onabort === "function") this.#onabort.call(this, event);
  };

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(type: unknown, listener: Listener | null, options?: unknown): void {
    if (String(type) !== "abort" || listener === null || listener === undefined) return;
    const { once, signal } = optionsIn(options);
    if (this.#registrations.some((known) => known.listener === listener) || signal?.aborted === true) return;
    this.#registrations.push({ listener, once });
    signal?.addEventListener("abort", () => this.removeEventListener("abort", listener), { once: true });
  }

  removeEventListener(type: unknown, listener: Listener | null): void {
    if (String(type) !== "abort") return;
    this.#registrations = this.#registrations.filter((known) => known.listener !== listener);
  }

  get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }

  /** Once it leaves the realm, others may abort it or want to know; one that is aborted needs no hook any more. */
  #address(): SignalAddress {
    if (this.#hook === undefined && !this.#aborted) this.#hook = askForHook(this);
    return this.#hook ?? {};
  }

  #mark(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
  }

  /** In the order of the standard: all that depend on it are aborted before anyone hears of any. */
  #abort(reason: unknown, isOwn: boolean): void {
    if (this.#aborted) return;
    this.#mark(reasonOr(reason));
    const dependents: AbortSignal[] = [];
    this.#markDependents(dependents);
    if (isOwn) tellAbort((this.#hook ??= askForHook(this)), this.#reason);
    for (const dependent of dependents) if (dependent.#hook !== undefined) tellAbort(dependent.#hook, this.#reason);
    for (const signal of [this, ...dependents]) signal.#fire();
  }

  #markDependents(marked: AbortSignal[]): void {
    for (const dependent of this.#dependents) {
      if (dependent.#aborted) continue;
      dependent.#mark(this.#reason);
      marked.push(dependent);
      dependent.#markDependents(marked);
    }
    this.#dependents.clear();
  }

  #fire(): void {
    const event: AbortEvent = { type: "abort", target: this, currentTarget: this };
    for (const registration of [...this.#registrations]) {
      if (!this.#registrations.includes(registration)) continue;
      const { listener, once } = registration;
      if (once) this.removeEventListener("abort", listener);
      try {
        if (typeof listener === "function") listener.call(this, event);
        else listener.handleEvent(event);
      } catch (error) {
        // As everywhere, it is not the one who aborts that hears of it: it becomes an unhandled rejection of the run.
        void Promise.reject(error);
      }
    }
  }
}

export function createSignal(): AbortSignal {
  return new AbortSignal(KEY);
}

/** Aborts a signal, and those that depend on it. Again: nothing. */
export function abortSignal(signal: AbortSignal, reason: unknown, told: "by this run" | "from outside"): void {
  trip(signal, reason, told);
}

/** Gives a signal that was made outside the hook that it is aborted through. */
export function connectSignal(signal: AbortSignal, hook: SystemHook): void {
  connect(signal, hook);
}

function reasonOr(reason: unknown): unknown {
  return reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
}

function optionsIn(options: unknown): { readonly once: boolean; readonly signal?: AbortSignal } {
  if (typeof options !== "object" || options === null) return { once: false };
  const { once, signal } = options as { readonly once?: unknown; readonly signal?: AbortSignal };
  return { once: Boolean(once), ...(signal !== undefined && { signal }) };
}
