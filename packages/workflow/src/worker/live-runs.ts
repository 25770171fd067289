import { hasStepsUnderWay, type LiveRun, nextAlarm } from "./live-run.ts";
import { earliest } from "./earliest.ts";

/** How many runs may be parked between two looks at the heap. */
const LOOK_EVERY = 16;

/** The live runs of a worker, by id. Those that wait for nothing but facts or the clock can be let go. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();
  /** Idle runs, least recently used first. */
  readonly #parked = new Map<string, LiveRun>();
  /** The hooks by which code outside may reach a live run at this moment; the run's state has the last word. */
  readonly #hooks = new Map<string, { readonly run: LiveRun; readonly hookId: string }>();
  readonly #limit: number;
  readonly #isHeapTight: () => boolean;
  #tight = false;
  #parkings = 0;

  constructor(limit: number, heapIsTight: () => boolean) {
    this.#limit = limit;
    this.#isHeapTight = heapIsTight;
  }

  get(runId: string): LiveRun | undefined {
    return this.#runs.get(runId);
  }

  has(run: LiveRun): boolean {
    return this.#runs.get(run.lease.runId) === run;
  }

  all(): Iterable<LiveRun> {
    return this.#runs.values();
  }

  /** Whether a turn of one is under way, or a step body that its next turn comes from. */
  get isBusy(): boolean {
    for (const run of this.#runs.values()) if (run.busy || run.local.executing.size > 0) return true;
    return false;
  }

  /** When the first of them has something to do by the clock alone; null when none has. */
  get nextAlarm(): number | null {
    return earliest(Array.from(this.#runs.values(), nextAlarm));
  }

  /** How many runs may become live now: the parked ones make room, the others do not. */
  get room(): number {
    // Where the heap is tight and none can be let go, a few go on: what fills it may not be the runs at all.
    const limit = this.#tight && this.#parked.size === 0 ? Math.min(LOOK_EVERY, this.#limit) : this.#limit;
    return Math.max(limit - (this.#runs.size - this.#parked.size), 0);
  }

  add(run: LiveRun): void {
    this.#runs.set(run.lease.runId, run);
    for (const hookId of run.state.hooks.keys()) this.openHook(run, hookId);
  }

  remove(run: LiveRun): void {
    if (!this.has(run)) return;
    this.#runs.delete(run.lease.runId);
    this.#parked.delete(run.lease.runId);
    for (const { hook } of run.state.hooks.values()) {
      if (this.#hooks.get(hook.token)?.run === run) this.#hooks.delete(hook.token);
    }
  }

  /** The World has given the hook its token. */
  openHook(run: LiveRun, hookId: string): void {
    const known = run.state.hooks.get(hookId);
    if (known?.status === "active") this.#hooks.set(known.hook.token, { run, hookId });
  }

  /** The live run that has the token. */
  byToken(token: string): { readonly run: LiveRun; readonly hookId: string } | undefined {
    return this.#hooks.get(token);
  }

  unpark(run: LiveRun): void {
    this.#parked.delete(run.lease.runId);
  }

  /** Counts the run among those that can be let go, if it is idle. */
  park(run: LiveRun): void {
    if (run.unread || run.direct.length > 0 || run.local.executing.size > 0 || hasStepsUnderWay(run.state)) return;
    this.#parked.set(run.lease.runId, run);
    this.#parkings += 1;
    if (this.#parkings % LOOK_EVERY === 0) this.lookAtHeap();
  }

  lookAtHeap(): void {
    this.#tight = this.#isHeapTight();
  }

  /** The parked runs that are too many: beyond the limit, or a quarter of them where the heap is tight. */
  surplus(): readonly LiveRun[] {
    const beyond = Math.min(this.#runs.size - this.#limit, this.#parked.size);
    const share = this.#tight ? Math.ceil(this.#parked.size / 4) : 0;
    const surplus: LiveRun[] = [];
    for (const run of this.#parked.values()) {
      if (surplus.length >= Math.max(beyond, share)) break;
      surplus.push(run);
    }
    return surplus;
  }
}
