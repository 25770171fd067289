import type { World } from "workflow/world";

/** The durable writes of a World. */
export type FaultyWrite =
  | "createRun"
  | "code.put"
  | "code.collect"
  | "answers.put"
  | "streams.append"
  | "commit"
  | "deliver"
  | "transact"
  | "join"
  | "renew"
  | "leave"
  | "lease"
  | "leaseRun"
  | "release"
  | "offers.take"
  | "offers.finish";

export interface FaultPoint {
  readonly write: FaultyWrite;
  /** A throw `before` is a crash that wrote nothing; a throw `after` is a write whose answer is lost. */
  readonly phase: "before" | "after";
}

/**
 * `world` with a fault point on both sides of every durable write. What `decide` throws is what the caller of the
 * write gets; a promise that it returns delays the write, or its answer. A write that fails by itself has no `after`.
 */
export function withFaults(world: World, decide: (point: FaultPoint) => void | Promise<void>): World {
  const around =
    <A extends readonly unknown[], R>(write: FaultyWrite, task: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await decide({ write, phase: "before" });
      const result = await task(...args);
      await decide({ write, phase: "after" });
      return result;
    };
  return {
    clock: world.clock,
    encrypts: world.encrypts,
    runs: world.runs,
    steps: world.steps,
    hooks: world.hooks,
    events: world.events,
    code: {
      put: around("code.put", (code) => world.code.put(code)),
      get: (hash) => world.code.get(hash),
      collect: around("code.collect", (storedBefore) => world.code.collect(storedBefore)),
    },
    held: world.held,
    answers: {
      put: around("answers.put", (requestId, answer) => world.answers.put(requestId, answer)),
      wait: (requestId, options) => world.answers.wait(requestId, options),
    },
    streams: {
      append: around("streams.append", (...args) => world.streams.append(...args)),
      read: (...args) => world.streams.read(...args),
      wait: (...args) => world.streams.wait(...args),
      info: (stream) => world.streams.info(stream),
      list: (runId) => world.streams.list(runId),
    },
    offers: world.offers && {
      take: around("offers.take", world.offers.take),
      finish: around("offers.finish", world.offers.finish),
    },
    createRun: around("createRun", (...args) => world.createRun(...args)),
    commit: around("commit", (lease, turn) => world.commit(lease, turn)),
    deliver: around("deliver", (...args) => world.deliver(...args)),
    transact: around("transact", (lease, task) => world.transact(lease, task)),
    join: around("join", (worker) => world.join(worker)),
    renew: around("renew", (worker) => world.renew(worker)),
    leave: around("leave", (worker) => world.leave(worker)),
    lease: around("lease", (worker, want) => world.lease(worker, want)),
    leaseRun: around("leaseRun", (worker, runId) => world.leaseRun(worker, runId)),
    release: around("release", (lease, parked) => world.release(lease, parked)),
    read: (runId, after) => world.read(runId, after),
    onHint: (listener) => world.onHint(listener),
    nextDueAt: () => world.nextDueAt(),
    close: () => world.close(),
  };
}
