import { LeaseLostError } from "../world/errors.ts";
import { LEASE_TTL_MS, type Lease, type WorkerId, type World } from "../world/world.ts";

/** How many runs to lease in one write. */
const LEASE_BATCH = 64;

export interface FinderParts {
  readonly world: World;
  readonly worker: WorkerId;
  readonly sweepMs: number;
  /** A run to work on: a new lease, or one that is held already and has facts waiting. */
  readonly onLease: (lease: Lease) => Promise<void>;
  /** A hint about a run; false when it is not live here. */
  readonly onHint: (runId: string) => boolean;
  readonly onSweep: () => void;
  /** How many more runs the worker may take. */
  readonly room: () => number;
  /** Others gave this worker up, because it stood still for too long: what it held is theirs now. */
  readonly onGivenUp: () => void;
  readonly onProblem: (message: string, cause: unknown) => void;
}

/** Brings in runs that have something to do: by hints, and by a slow sweep (invariant I8). */
export interface WorkFinder {
  /** Joins the World, and looks for work from then on. */
  begin(): Promise<void>;
  /** Looks for work now, and again whenever it is called meanwhile. */
  look(): void;
  /** Whether a look, or a lease of a run that a hint named, is under way. */
  readonly isLooking: boolean;
  /** The worker may have room again: what was left for want of it is looked for now. */
  roomMade(): void;
  stop(): void;
}

export function createWorkFinder(parts: FinderParts): WorkFinder {
  return new Finder(parts);
}

class Finder implements WorkFinder {
  readonly #parts: FinderParts;
  #unsubscribe = (): void => {};
  #cancelSweep = (): void => {};
  #cancelRenewal = (): void => {};
  /** Whether work may have been left because there was no room for it. */
  #full = false;
  /** Runs that may come of leases under way. */
  #claiming = 0;
  /** Grows with every joining: a refusal that comes later than the joining it led to means nothing any more. */
  #joined = 0;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(parts: FinderParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {
    const { world, worker, onHint } = this.#parts;
    await world.join(worker);
    this.#unsubscribe = world.onHint((hint) => {
      if (hint.kind === "look") this.look();
      else if (hint.kind === "work" && !onHint(hint.runId)) void this.#claim(hint.runId);
    });
    this.#scheduleRenewal();
    this.look();
  }

  /** A hint names the run, so it is leased at once; whatever goes wrong here the next look makes good. */
  async #claim(runId: string): Promise<void> {
    const { world, worker, onLease, room } = this.#parts;
    if (room() <= this.#claiming) {
      this.#full = true;
      // A look may claim more than it gets: then there is room once it is done.
      this.#again ||= this.#looking && room() > 0;
      return;
    }
    this.#claiming += 1;
    try {
      const lease = await world.leaseRun(worker, runId).finally(() => (this.#claiming -= 1));
      if (lease !== null && !this.#stopped) await onLease(lease);
    } catch {
      this.look();
    }
  }

  get isLooking(): boolean {
    return this.#looking || this.#claiming > 0;
  }

  roomMade(): void {
    if (!this.#full) return;
    this.#full = false;
    this.look();
  }

  look(): void {
    this.#again = true;
    if (!this.#looking && !this.#stopped) void this.#lookUntilQuiet();
  }

  async #lookUntilQuiet(): Promise<void> {
    const { world, worker, onLease, onProblem, room } = this.#parts;
    const joined = this.#joined;
    this.#looking = true;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        // One at least, so that a worker that is full for long cannot keep a run from everyone.
        const want = Math.min(Math.max(room() - this.#claiming, 1), LEASE_BATCH);
        this.#claiming += want;
        const leases = await world.lease(worker, want).finally(() => (this.#claiming -= want));
        await Promise.all(leases.map(onLease));
        this.#full = room() === 0;
        this.#again ||= leases.length === want && !this.#full;
      }
    } catch (error) {
      if (LeaseLostError.is(error)) await this.#joinAgain(joined);
      else if (!this.#stopped) onProblem("Looking for work failed; it will be tried again", error);
    } finally {
      this.#looking = false;
    }
    await this.#scheduleSweep();
  }

  /** A hint may be lost and a clock may jump, so work is looked for again within `sweepMs` at the latest. */
  async #scheduleSweep(): Promise<void> {
    const { world, sweepMs, onSweep } = this.#parts;
    const { clock } = world;
    const due = this.#stopped ? null : await world.nextDueAt().catch(() => null);
    if (this.#stopped) return;
    this.#cancelSweep();
    // A full worker does not hurry: what is due is for others, or waits until there is room.
    const wait = due === null || this.#full ? sweepMs : Math.min(Math.max(due - clock.now(), 1), sweepMs);
    this.#cancelSweep = clock.delay(wait, () => {
      onSweep();
      this.look();
    });
  }

  #scheduleRenewal(): void {
    const { world, worker } = this.#parts;
    const { clock } = world;
    if (this.#stopped) return;
    this.#cancelRenewal = clock.delay(LEASE_TTL_MS / 3, () => {
      const joined = this.#joined;
      world.renew(worker).then(
        () => this.#scheduleRenewal(),
        (error: unknown) => this.#renewalFailed(error, joined),
      );
    });
  }

  async #renewalFailed(error: unknown, joined: number): Promise<void> {
    if (this.#stopped) return;
    if (LeaseLostError.is(error)) await this.#joinAgain(joined);
    else this.#parts.onProblem("Renewing the worker's leases failed", error);
    this.#scheduleRenewal();
    this.look();
  }

  async #joinAgain(joined: number): Promise<void> {
    if (this.#stopped || joined !== this.#joined) return;
    this.#joined += 1;
    const { world, worker, onGivenUp, onProblem } = this.#parts;
    onGivenUp();
    await world.join(worker).catch((failure: unknown) => onProblem("Joining the World again failed", failure));
    this.#again = true;
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelSweep();
    this.#cancelRenewal();
  }
}
