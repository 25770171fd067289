import type { RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import { drawId } from "./identity.ts";

/** One who waits for the end of a wait. */
interface Listener {
  readonly end: () => void;
  readonly interrupt: (reason: unknown) => void;
}

/** A wait of the run. It is closed when a race was lost for it and nobody is left who could notice its end. */
export class Wait {
  readonly #run: RunContext;
  readonly #resumeAt: number;
  /** Those who may still give up waiting. */
  readonly #listeners = new Set<Listener>();
  #onOver: Listener = { end: () => {}, interrupt: () => {} };
  #state: "open" | "closed" | "over" = "open";
  #interruption: { readonly reason: unknown } | undefined;
  #kept = false;
  #id = "";
  #command = "";

  constructor(run: RunContext, resumeAt: number) {
    this.#run = run;
    this.#resumeAt = resumeAt;
    this.#ask();
  }

  #ask(): void {
    const run = this.#run;
    this.#state = "open";
    this.#id = drawId(run.bridge, run, "wait", "");
    this.#command = emit(run, { type: "wait", id: this.#id, resumeAt: this.#resumeAt });
    run.waits.set(this.#id, this);
  }

  /** Its time has come. */
  end(): void {
    this.#state = "over";
    this.#onOver.end();
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  /** The run was cancelled: nobody waits for it any more. */
  interrupt(reason: unknown): void {
    this.#state = "over";
    this.#interruption = { reason };
    this.#run.waits.delete(this.#id);
    emit(this.#run, { type: "closeWait", id: this.#id });
    this.#onOver.interrupt(reason);
    for (const listener of this.#listeners) listener.interrupt(reason);
    this.#listeners.clear();
  }

  /** Someone who is told of the end, and does not count as waiting for it. */
  onOver(tell: Listener): void {
    this.#onOver = tell;
  }

  /** Someone waits who cannot give up: it stays open from now on. */
  keep(): void {
    if (this.#state === "closed") this.#ask();
    this.#kept = true;
  }

  /** Calls back at the end, at once when that has been. Returns what gives up waiting. */
  listen(listener: Listener): () => void {
    if (this.#state === "over") {
      if (this.#interruption === undefined) listener.end();
      else listener.interrupt(this.#interruption.reason);
      return () => {};
    }
    // Code that comes back to it holds on to it: closing it after each round would cost two events every time.
    if (this.#state === "closed") this.keep();
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener)) this.#run.lostWaits.add(this);
    };
  }

  /** Closes it if nobody waits. Returns the command that opened it, for one that was not taken by the host yet. */
  close(untaken: ReadonlySet<string>): string | undefined {
    if (this.#state !== "open" || this.#kept || this.#listeners.size > 0) return undefined;
    this.#state = "closed";
    this.#run.waits.delete(this.#id);
    if (untaken.has(this.#command)) return this.#command;
    emit(this.#run, { type: "closeWait", id: this.#id });
    return undefined;
  }
}

/**
 * After a drain, when it is known who waits for what: closes the waits that lost. Those that the drain itself had
 * opened were never there. A run that has ended has no use for it.
 */
export function closeLostWaits(run: RunContext): void {
  if (run.lostWaits.size === 0) return;
  const lost = [...run.lostWaits];
  run.lostWaits.clear();
  if (run.ended) return;
  const untaken: ReadonlySet<string> = new Set(run.outbox);
  const unasked = new Set(lost.map((wait) => wait.close(untaken)));
  run.outbox = run.outbox.filter((text) => !unasked.has(text));
}
