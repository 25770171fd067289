import { Worker } from "node:worker_threads";
import { LEASE_TTL_MS, WorkflowWorldError } from "workflow/world";
import type { TimeSample } from "./clock.ts";
import type { MembershipData, Order, Report } from "./membership-messages.ts";
import type { ListenerSettings } from "./settings.ts";
import { workerLock } from "./worker-lock.ts";

/** By what others see that the workers of this process are alive. */
export interface Membership {
  /** The key of the worker's session lock, for its row; null where there are none. */
  lockOf(worker: number): number | null;
  /** Resolves once the worker has its lock and beats. `worker`: the id of its row. @throws `WORLD_FAILED` */
  add(worker: number): Promise<void>;
  remove(worker: number): Promise<void>;
  close(): Promise<void>;
}

export interface MembershipParts {
  readonly listener: ListenerSettings;
  readonly schema: string;
  readonly onNotification: (payload: string) => void;
  /** How many Worlds listen, this one included; null when that is not known. */
  readonly onListeners: (count: number | null) => void;
  /** The connection was lost, and all locks with it. It is made again, which takes a moment. */
  readonly onLoss: () => void;
  /** The connection was lost and is there again. Notifications may have been missed. */
  readonly onReturn: () => void;
  readonly onTime: (sample: TimeSample) => void;
  /** How often workers beat, in milliseconds. Default: several times within a lease. */
  readonly periodMs?: number;
}

const PERIOD_MS = LEASE_TTL_MS / 3;

/** How long a server that starts is waited for, and how long a worker waits for its lock, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Starts the thread, and resolves once it is connected.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when it cannot be.
 */
export async function openMembership(parts: MembershipParts): Promise<Membership> {
  const thread = new MembershipThread(parts);
  await thread.connected;
  return thread;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

class MembershipThread implements Membership {
  readonly connected: Promise<void>;
  readonly #parts: MembershipParts;
  readonly #thread: Worker;
  readonly #opening = Promise.withResolvers<void>();
  readonly #stopped: Promise<void>;
  /** By what they wait for: `added 7`. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #giveUpOpening: NodeJS.Timeout;
  #session: boolean | undefined;
  #failure = new WorkflowWorldError("WORLD_FAILED", "PostgreSQL has not let the thread in that listens");
  #closing = false;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.connected = this.#opening.promise;
    const { listener, schema, periodMs = PERIOD_MS } = parts;
    this.#thread = spawn({ listener, schema, periodMs });
    this.#thread.on("message", (report: Report) => this.#hear(report));
    this.#thread.on("error", (cause) => this.#fail(`The thread that listens to PostgreSQL has failed`, cause));
    this.#stopped = new Promise((resolve) => {
      this.#thread.on("exit", () => {
        this.#fail("The thread that listens to PostgreSQL has stopped");
        resolve();
      });
    });
    this.#giveUpOpening = setTimeout(() => this.#refuse(), PATIENCE_MS);
  }

  lockOf(worker: number): number | null {
    return this.#session === true ? workerLock(this.#parts.schema, worker) : null;
  }

  async add(worker: number): Promise<void> {
    const timer = setTimeout(() => this.#waiting.get(`added ${worker}`)?.reject(this.#failure), PATIENCE_MS);
    try {
      await this.#ask({ kind: "add", id: worker }, `added ${worker}`);
    } catch (error) {
      if (!this.#closing) this.#thread.postMessage({ kind: "remove", id: worker } satisfies Order);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  remove(worker: number): Promise<void> {
    return this.#ask({ kind: "remove", id: worker }, `removed ${worker}`);
  }

  async close(): Promise<void> {
    if (!this.#closing) this.#thread.postMessage(null satisfies Order);
    this.#closing = true;
    this.#thread.ref();
    await this.#stopped;
  }

  /** The thread keeps the process alive only while somebody waits for it. */
  async #ask(order: Order, answer: string): Promise<void> {
    this.#thread.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.set(answer, { resolve, reject });
        if (this.#closing) reject(this.#failure);
        else this.#thread.postMessage(order);
      });
    } finally {
      this.#waiting.delete(answer);
      if (this.#waiting.size === 0 && !this.#closing) this.#thread.unref();
    }
  }

  #hear(report: Report): void {
    switch (report.kind) {
      case "connected":
        return this.#connect(report.session);
      case "lost":
        this.#parts.onLoss();
        return this.#parts.onListeners(null);
      case "unreachable":
        this.#failure = new WorkflowWorldError("WORLD_FAILED", report.message.replace(/ \(WORLD_FAILED\)$/, ""));
        return report.passes || this.#session !== undefined ? undefined : this.#refuse();
      case "added":
      case "removed":
        return this.#waiting.get(`${report.kind} ${report.id}`)?.resolve();
      case "notified":
        return this.#parts.onNotification(report.payload);
      case "time":
        return this.#parts.onTime(report.sample);
      case "listeners":
        return this.#parts.onListeners(report.count);
    }
  }

  #connect(session: boolean): void {
    if (this.#session !== undefined) return this.#parts.onReturn();
    this.#session = session;
    clearTimeout(this.#giveUpOpening);
    if (!session && this.#parts.listener.way === "same") {
      process.emitWarning(
        "There is a pooler between this process and PostgreSQL, which may not keep sessions. Work from other processes is " +
          "found by sweeps, and a killed process is noticed after 10 s. Set WORKFLOW_POSTGRES_LISTEN_URL to a direct " +
          "URL of the server, or to off to keep it so",
      );
    }
    this.#thread.unref();
    this.#opening.resolve();
  }

  /** It could not be begun. */
  #refuse(): void {
    clearTimeout(this.#giveUpOpening);
    this.#opening.reject(this.#failure);
    void this.close();
  }

  #fail(message: string, cause?: unknown): void {
    clearTimeout(this.#giveUpOpening);
    this.#closing = true;
    this.#failure = new WorkflowWorldError("WORLD_FAILED", `${message}. Restart the process`, { cause });
    this.#opening.reject(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
  }
}

/** Neither the user's `--import` hooks nor `NODE_OPTIONS` are for this thread; how to connect may stand in the rest. */
function spawn(data: MembershipData): Worker {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const entry = import.meta.url.endsWith(".ts") ? "./membership-thread.ts" : "./membership-thread.js";
  return new Worker(new URL(entry, import.meta.url), {
    workerData: data,
    execArgv: [],
    env,
    name: "workflow membership",
  });
}
