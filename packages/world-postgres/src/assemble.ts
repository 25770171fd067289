import { RuntimeDecryptionError, sealedPayload, WorkflowWorldError, type World } from "workflow/world";
import { type Keys, type Open, unpack } from "workflow/world-parts";
import { createAnswers } from "./answer-store.ts";
import { createBatches } from "./batches.ts";
import { createCallersTransactions } from "./callers-transaction.ts";
import { createCodeWrites } from "./code-store.ts";
import { createCommit } from "./commit.ts";
import type { Core } from "./core.ts";
import { createCreateRun } from "./create.ts";
import { createDeliver } from "./deliver.ts";
import { createEventReads } from "./event-reads.ts";
import { createFirstPayload } from "./first-payload.ts";
import { createHeldLeases } from "./held-leases.ts";
import { createHeldReads } from "./held-reads.ts";
import { createHookReads } from "./hook-reads.ts";
import { createKnownRuns } from "./known-runs.ts";
import { createLeases, type Liveness } from "./leases.ts";
import { createJoined } from "./joined.ts";
import { createOffers } from "./offers.ts";
import { createRecordReads } from "./record-reads.ts";
import { createRunEnds } from "./run-end.ts";
import { createRunReads } from "./run-reads.ts";
import { createStepReads } from "./step-reads.ts";
import { createStreams } from "./stream-store.ts";
import { createTransact } from "./transact.ts";
import { createWaiting } from "./waiting.ts";

/** What a World is made of. */
export function assembleWorld(core: Core, liveness: Liveness, close: () => Promise<void>): World {
  const batches = createBatches(core);
  const runs = createKnownRuns();
  const joined = createJoined();
  const creations = new Map<string, Promise<unknown>>();
  const callers = createCallersTransactions(core, batches);
  const parts = { core, batches, runs, joined, creations, liveness, callers, held: createHeldLeases() };
  const records = createRecordReads(core);
  const runReads = createRunReads(core);
  let closed: Promise<void> | undefined;
  return {
    clock: core.clock,
    encrypts: core.keys.writing !== undefined,
    runs: { ...runReads, ...createWaiting(core, { ...runReads, ...createRunEnds(core) }) },
    steps: createStepReads(core),
    hooks: { ...createHookReads(core), firstPayload: createFirstPayload(core) },
    events: createEventReads(core),
    held: createHeldReads(core),
    code: { ...createCodeWrites(core), get: records.code },
    answers: createAnswers(core),
    streams: createStreams(core),
    offers: createOffers(parts),
    createRun: createCreateRun(parts),
    commit: core.method(createCommit(parts)),
    deliver: createDeliver(core, batches, callers),
    transact: core.method(createTransact(parts)),
    ...createLeases(parts),
    read: core.method(async (runId, after) => {
      const { record, events, inbox } = await records.read(runId, after);
      runs.noteRead(runId, after, events, inbox);
      return record;
    }),
    nextDueAt: core.method(() => records.nextDueAt(liveness.dead().map(({ id }) => id))),
    onHint: core.hints.on,
    close() {
      core.closing.abort();
      return (closed ??= close());
    },
  };
}

/** What rows say of payloads is opened with the keys; one that cannot be decrypted says so when it is used. */
export function createOpen(keys: Keys): Open {
  return (stored) => {
    try {
      return unpack(stored, keys, (name) => {
        throw new WorkflowWorldError(
          "WORLD_FAILED",
          `A stored payload names a piece (${name}), and this World has none`,
        );
      });
    } catch (error) {
      if (RuntimeDecryptionError.is(error)) return sealedPayload(withoutCode(error), error.context);
      throw error;
    }
  };
}

/** The error that is made of it again adds the code. */
function withoutCode({ message, code }: RuntimeDecryptionError): string {
  return message.slice(0, message.lastIndexOf(` (${code})`));
}
