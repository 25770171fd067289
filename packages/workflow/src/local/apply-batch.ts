import type { DatabaseSync } from "node:sqlite";
import { prepareAnswer } from "./answers.ts";
import { prepareEventStore, prepareOpen, prepareStore } from "./blobs.ts";
import { prepareAppend } from "./streams.ts";
import { prepareCommit } from "./commit.ts";
import { prepareCollectCode, prepareCreateRun, preparePutCode } from "./create.ts";
import { prepareDeliver } from "./deliver.ts";
import type { Keys } from "../payloads/keys.ts";
import { explainFailure } from "./failures.ts";
import { prepareLease, prepareLeaseRun, prepareRelease } from "./lease.ts";
import { prepareVersionCheck } from "./migrations.ts";
import { type Outcome, refuse } from "../world-parts/flat.ts";
import { type Answers, type Operation, type Request, type Requests } from "./operations.ts";
import type { ProcessLocks } from "./process-lock.ts";
import { prepareResume } from "./resume.ts";
import { prepareRunStates } from "./run-states.ts";
import { prepareTokenTables } from "./token-tables.ts";
import { BeginFailed, transaction } from "./transaction.ts";
import { prepareWorkers } from "./workers.ts";

export type AnyOutcome = Outcome<Answers[keyof Answers]>;

/**
 * Applies requests in their order, as one transaction, and answers in the same order. A request that is refused
 * has written nothing. When something fails that no request foresees, each gets a transaction of its own, so that
 * it fails alone.
 */
export function prepareBatches(
  db: DatabaseSync,
  path: string,
  locks: ProcessLocks,
  keys: Keys,
): (requests: readonly Request[]) => readonly AnyOutcome[] {
  const { apply, rolledBack } = prepareOperations(db, locks, keys);

  const versionProblem = prepareVersionCheck(db, path);

  const applyBatch = (requests: readonly Request[]): readonly AnyOutcome[] => {
    try {
      return transaction(db, () => {
        const outdated = versionProblem();
        return outdated === undefined ? requests.map(apply) : requests.map(() => refuse("WORLD_FAILED", outdated));
      });
    } catch (error) {
      rolledBack();
      const cannotBegin = error instanceof BeginFailed;
      if (requests.length > 1 && !cannotBegin) return requests.flatMap((request) => applyBatch([request]));
      const failure = refuse("WORLD_FAILED", explainFailure(cannotBegin ? error.cause : error, path));
      return requests.map(() => failure);
    }
  };
  return applyBatch;
}

function prepareOperations(
  db: DatabaseSync,
  locks: ProcessLocks,
  keys: Keys,
): { readonly apply: (request: Request) => AnyOutcome; readonly rolledBack: () => void } {
  const workers = prepareWorkers(db, locks);
  const states = prepareRunStates(db);
  const store = prepareStore(db, keys);
  const events = prepareEventStore(db, store);
  const tables = prepareTokenTables(db, store);
  const resume = prepareResume(db, { store, open: prepareOpen(db, keys), tables });
  const operations: { readonly [K in keyof Requests]: Operation<K> } = {
    putCode: preparePutCode(db),
    collectCode: prepareCollectCode(db),
    createRun: prepareCreateRun(db, { events, workers, states, resume, tables }),
    commit: prepareCommit(db, events, states, tables),
    deliver: prepareDeliver(db, store, resume),
    answer: prepareAnswer(db, store, tables),
    append: prepareAppend(db, keys),
    join: workers.join,
    renew: workers.renew,
    leave: workers.leave,
    lease: prepareLease(db, workers),
    leaseRun: prepareLeaseRun(db, workers),
    release: prepareRelease(db, workers, states),
  };
  return {
    apply: <K extends keyof Requests>(request: Requests[K] & { readonly kind: K }) => operations[request.kind](request),
    rolledBack: states.forgetAll,
  };
}
