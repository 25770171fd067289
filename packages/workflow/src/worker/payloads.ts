import type { Hook } from "../world/entities.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import type { DeliverOptions, Delivery, World } from "../world/world.ts";
import type { DirectPayload, LiveRun } from "./live-run.ts";
import type { LiveRuns } from "./live-runs.ts";

/**
 * The ways of a payload from this process to a run that is live in it. The short one puts it straight into the history,
 * in one durable write where an inbox takes two; but it may not overtake what is in the inbox, or on its way there.
 */
export class Payloads {
  readonly #world: World;
  readonly #live: LiveRuns;
  readonly #pump: (run: LiveRun) => void;

  constructor(world: World, live: LiveRuns, pump: (run: LiveRun) => void) {
    this.#world = world;
    this.#live = live;
    this.#pump = pump;
  }

  /** The hook of a live run that has the token and takes payloads. */
  hookOf(token: string): Hook | undefined {
    const open = this.#openHook(token);
    const known = open?.run.state.hooks.get(open.hookId);
    return known?.status === "active" ? known.hook : undefined;
  }

  /** Undefined when no live run has the token. */
  receive(token: string, fact: DirectPayload["fact"], options: DeliverOptions): Promise<Delivery> | undefined {
    const open = this.#openHook(token);
    if (open === undefined) return undefined;
    const { run, hookId } = open;
    // Which keys were used, and who has the token of a hook that may have expired, only the World knows.
    const isForWorld = options.idempotencyKey !== undefined || run.expiring.has(hookId);
    if (isForWorld || isInboxInUse(run)) return this.#post(run, token, fact, options);
    return new Promise((resolve, reject) => {
      run.direct.push({ token, hookId, fact, options, resolve, reject });
      this.#pump(run);
    });
  }

  /** What the next turn takes straight in. */
  take(run: LiveRun): readonly DirectPayload[] {
    const direct = run.direct.splice(0);
    if (!isInboxInUse(run)) return direct;
    for (const { token, fact, options, resolve, reject } of direct) {
      this.#post(run, token, fact, options).then(resolve, reject);
    }
    return [];
  }

  /** What a run does not take itself goes the way of all others, with all that the caller asked for. */
  passOn(payloads: readonly DirectPayload[]): void {
    for (const { token, fact, options, resolve, reject } of payloads) {
      this.#world.deliver({ token }, fact, options).then(resolve, reject);
    }
  }

  async #post(run: LiveRun, token: string, fact: DirectPayload["fact"], options: DeliverOptions): Promise<Delivery> {
    run.posting += 1;
    try {
      return await this.#world.deliver({ token }, fact, options);
    } finally {
      run.posting -= 1;
      run.unread = true;
      this.#pump(run);
    }
  }

  #openHook(token: string): ReturnType<LiveRuns["byToken"]> {
    const open = this.#live.byToken(token);
    const expiresAt = open?.run.expiring.get(open.hookId);
    return expiresAt === undefined || expiresAt > this.#world.clock.now() ? open : undefined;
  }
}

function isInboxInUse(run: LiveRun): boolean {
  return run.posting > 0 || run.unread;
}

/** Whether a payload is in the history is not known: its sender has to look. */
export function inDoubt(token: string, cause: unknown): WorkflowWorldError {
  return new WorkflowWorldError(
    "WORLD_FAILED",
    `Whether the payload for the hook ${JSON.stringify(token)} was stored is not known: the World failed while it was ` +
      "being written. Look at the run's events before you send it again",
    { cause },
  );
}
