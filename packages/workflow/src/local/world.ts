import type { DatabaseSync } from "node:sqlite";
import { type Clock, systemClock } from "../world/clock.ts";
import { type Keys, readKeys } from "../payloads/keys.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import type { RunReads } from "../world/reads.ts";
import type { World } from "../world/world.ts";
import { type Durability, enableWal, openConnection } from "./connection.ts";
import { type DataPaths, prepareDirectory } from "./data-directory.ts";
import type { Open } from "../world-parts/stored.ts";
import { again, prepareOpen } from "./blobs.ts";
import { createAnswers } from "./answer-store.ts";
import { prepareEventReads } from "./event-reads.ts";
import { worldFailure } from "./failures.ts";
import { createFirstPayload } from "./first-payload.ts";
import { prepareHeldReads } from "./held-reads.ts";
import { prepareHookReads } from "./hook-reads.ts";
import { migrate } from "./migrations.ts";
import { connectPeers, NO_PEERS } from "./peers.ts";
import { prepareRecordReads } from "./record-reads.ts";
import { prepareRunReads } from "./run-reads.ts";
import { readSettings } from "./settings.ts";
import { prepareStepReads } from "./step-reads.ts";
import { createStreams } from "./stream-store.ts";
import { watch } from "../world-parts/watch.ts";
import { startWriter } from "./writer.ts";
import { type Core, createCore } from "./core.ts";
import { createCodeWrites, createRunWrites, createWorkerWrites } from "./writes.ts";

export interface LocalWorldOptions {
  /** Where the data is kept. Default: `WORKFLOW_LOCAL_DATA_DIR`, else `.workflow-data` in the working directory. */
  readonly directory?: string;
  /**
   * `full`: what was acknowledged survives a power cut. `process`: it survives the end of the process, and a
   * power cut may take the last moments. Default: `WORKFLOW_LOCAL_DURABILITY`, else `full`.
   */
  readonly durability?: Durability;
  /**
   * Encrypts payloads at rest. Each key is 32 bytes in hex, base64 or base64url; the last one writes, all of them read.
   * Default: `WORKFLOW_ENCRYPTION_KEY`, separated by commas, else none.
   */
  readonly encryptionKeys?: readonly string[];
  /** Default: the machine's. */
  readonly clock?: Clock;
}

const DEFAULT_WAIT_MS = 50_000;

/**
 * The embedded World: one SQLite file, which several processes may share. All writes of this process go through one
 * thread, which commits whatever has gathered as one transaction.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when the directory or the file cannot be used; the message says why;
 *   `INVALID_ARGUMENT` when an encryption key is malformed.
 */
export async function createLocalWorld(options: LocalWorldOptions = {}): Promise<World> {
  const { directory, durability } = readSettings(options);
  const keys = readKeys(options.encryptionKeys);
  const paths = prepareDirectory(directory);
  const db = await openData(paths, durability);
  const core = createCore({
    path: paths.database,
    clock: options.clock ?? systemClock(),
    writer: startWriter({ ...paths, durability, keys, renewing: options.clock === undefined }),
    connect: (onHint) => (options.clock === undefined ? connectPeers(paths.peers, onHint) : NO_PEERS),
  });
  const open = prepareOpen(db, keys);
  const records = prepareRecordReads(db, open);
  let closed: Promise<void> | undefined;
  return {
    clock: core.clock,
    encrypts: keys.writing !== undefined,
    offers: null,
    ...createReads(core, db, keys, open, options.clock === undefined),
    ...createRunWrites(core),
    ...createWorkerWrites(core),
    code: { ...createCodeWrites(core), get: core.method(records.code) },
    read: core.method(records.read),
    nextDueAt: core.method(() => records.nextDueAt(core.clock.elapsed())),
    onHint: core.hints.on,
    close() {
      core.closing.abort();
      core.peers.close();
      // The last connection to close moves the log into the file: that is work for the writer's thread.
      if (closed === undefined) db.close();
      return (closed ??= core.writer.close());
    },
  };
}

/** Opens the file for reading, creating it or bringing it up to date first. */
async function openData(paths: DataPaths, durability: Durability): Promise<DatabaseSync> {
  let db: DatabaseSync | undefined;
  try {
    db = openConnection(paths.database, durability);
    await enableWal(db);
    migrate(db, paths.database);
    db.exec("PRAGMA query_only = 1");
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof WorkflowWorldError ? error : worldFailure(error, paths.database);
  }
}

function createReads(
  core: Core,
  db: DatabaseSync,
  keys: Keys,
  open: Open,
  poll: boolean,
): Pick<World, "runs" | "steps" | "hooks" | "events" | "held" | "answers" | "streams"> {
  const { clock } = core;
  const method: Core["method"] = (read) => core.method(again(read));
  const runs = prepareRunReads(db, open);
  const steps = prepareStepReads(db, open);
  const hooks = prepareHookReads(db, open, () => clock.now());
  const held = prepareHeldReads(db, open, () => clock.now());
  const events = prepareEventReads(db, open);
  return {
    runs: {
      get: method(runs.get),
      list: method(runs.list),
      waitForTerminalStatus: waiting(core, runs, poll),
    },
    steps: { get: method(steps.get), list: method(steps.list) },
    hooks: {
      get: method(hooks.get),
      getByToken: method(hooks.getByToken),
      list: method(hooks.list),
      firstPayload: createFirstPayload(core, db, open, runs, poll),
    },
    streams: createStreams(core, db, keys, poll),
    events: {
      get: method(events.get),
      list: method(events.list),
      listByCorrelationId: method(events.listByCorrelationId),
    },
    held: { list: method(held.list) },
    answers: createAnswers(core, db, open, runs, poll),
  };
}

function waiting(
  core: Core,
  runs: ReturnType<typeof prepareRunReads>,
  poll: boolean,
): RunReads["waitForTerminalStatus"] {
  return core.method(async (runId, options = {}) => {
    const { timeoutMs = DEFAULT_WAIT_MS, signal } = options;
    const closing = core.closing.signal;
    const signals = signal === undefined ? [closing] : [closing, signal];
    const isOver = (): boolean => runs.hasEnded(runId);
    const listen = (listener: () => void): (() => void) => core.hints.onEnd(runId, listener);
    // Listening begins before reading, so that no end falls between the two.
    const watching = watch(core.clock, poll, { timeoutMs, signals, listen, isOver });
    try {
      if (!isOver()) await watching.over;
      return await core.method(again(runs.get))(runId, options);
    } finally {
      watching.stop();
    }
  });
}
