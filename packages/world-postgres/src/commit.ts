import { isEnded, type Committed, type Lease, type Turn, type WorkflowRun } from "workflow/world";
import {
  type Draft,
  type FlatEntry,
  keep,
  type KnownState,
  leaseLost,
  packWhole,
  type Refusal,
  systemHooksIn,
  createdAnew,
} from "workflow/world-parts";
import { type Batches, BUSY } from "./batches.ts";
import type { Core } from "./core.ts";
import type { Queries } from "./database/database.ts";
import { draftWith, entriesOf, type Known } from "./draft-turn.ts";
import type { HeldLeases } from "./held-leases.ts";
import type { KnownRuns } from "./known-runs.ts";
import { notJoined, raise, type Joined } from "./joined.ts";
import { requireStorable } from "./storable.ts";
import { createReadContext, type TurnContext } from "./turn-context.ts";
import { turnRequest } from "./turn-request.ts";

export type Commit = (lease: Lease, turn: Turn) => Promise<Committed>;

export interface CommitParts {
  readonly core: Core;
  readonly batches: Batches;
  readonly runs: KnownRuns;
  readonly joined: Joined;
  readonly held: HeldLeases;
  /** Runs that are being created: a creation that waits for a lock is later than the first turn. */
  readonly creations: ReadonlyMap<string, Promise<unknown>>;
}

type Notified = readonly [runId: string, owner: string | null];

/** What the server says of a turn. */
type Answer =
  | readonly ["done", unread: boolean, notified: readonly Notified[]]
  | readonly ["repeated"]
  | readonly ["lost", "owner" | "run"]
  | readonly ["lost", "epoch" | "length", number]
  | readonly ["stale"]
  | readonly [typeof BUSY];

interface Decided {
  readonly draft: Draft;
  readonly state: KnownState;
  readonly answer: Answer;
}

/**
 * A turn is decided here, by what this process knows of the run, and applied by the server if that is so: one round
 * trip. Where it is not so, or something is in use, the server tells what is so, under locks, and it is decided again.
 */
export function createCommit(parts: CommitParts): Commit {
  const { core, runs, joined } = parts;
  const keys = new WeakMap<Turn, number>();
  /** A turn that is said again after its answer was lost has the same key. */
  const keyOf = (turn: Turn): number => {
    const key = keys.get(turn) ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    keys.set(turn, key);
    return key;
  };
  const commitAnew = createCommitAnew(parts);
  return async (lease, turn) => {
    const worker = joined.rowOf(lease.worker);
    if (worker === undefined) return raise(notJoined(lease.worker).refusal);
    const entries = entriesOf(turn);
    requireStorable(entries);
    const request = { lease, turn, entries, worker, key: keyOf(turn) };
    // Asked before the turn is on its way: it may be answered after the creation, and have been too early all the same.
    const creation = parts.creations.get(lease.runId);
    let decided = await commitKnown(parts, request);
    const isTooEarly = creation !== undefined && isWithoutRun(decided?.answer);
    if (isTooEarly) decided = undefined;
    while (decided === undefined || isInTheWay(decided.answer)) {
      await creation?.catch(() => {});
      decided = await commitAnew(request);
    }
    const { draft, state, answer } = decided;
    if (answer[0] === "repeated") return await repeated(parts, lease, turn);
    if (answer[0] !== "done") return raise(refusalOf(lease, turn, answer));
    const [, unread, notified] = answer;
    const before = state.entities.run;
    const { conflicts, changes, continuation } = draft;
    keep(state.entities, changes);
    state.length += draft.writes.length;
    runs.took(lease.runId, draft.taken);
    for (const hookId of systemHooksIn(draft, state)) core.hints.received(hookId);
    const ended = changes.run !== undefined && isEnded(changes.run);
    if (ended || continuation !== undefined) runs.forget(lease.runId);
    if (ended) parts.held.drop(lease.worker, lease.runId);
    if (continuation !== undefined) {
      const run = state.entities.run ?? before;
      runs.begin(lease.runId, createdAnew(run as WorkflowRun, continuation.codeHash, continuation.at));
    } else if (!ended) runs.remember(lease.runId, state);
    if (ended) core.hints.ended(lease.runId);
    if (turn.offers !== undefined && turn.offers.length > 0) core.hints.offered();
    for (const [runId, owner] of notified) core.hints.work(runId, owner);
    return { conflicts, unread: unread && !ended };
  };
}

interface Request {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly entries: readonly FlatEntry[];
  readonly worker: number;
  readonly key: number;
}

/** Undefined: this process does not know enough, or what it knew is not so. */
async function commitKnown({ core, batches, runs }: CommitParts, request: Request): Promise<Decided | undefined> {
  const { lease, turn, entries } = request;
  const known = runs.find(lease.runId, turn.after);
  if (known === undefined || entries.some((entry) => "codeHash" in entry)) return undefined;
  const decision = draftWith(known, lease, turn, entries);
  if ("refusal" in decision) return undefined;
  const { state } = known;
  const turnParts = { ...request, ...decision, state, pack: packer(core) };
  let answer = await batches.write(turnRequest(turnParts, true));
  if (answer.length === 0) answer = await batches.write(turnRequest(turnParts, false));
  return { draft: decision.draft, state, answer: answer as unknown as Answer };
}

function isWithoutRun(answer: Answer | undefined): boolean {
  return answer?.[0] === "lost" && answer[1] === "run";
}

/** Something has changed or is in use that the decision relied on. Nothing was written. */
function isInTheWay([status]: Answer): boolean {
  return status === "stale" || status === BUSY;
}

/** Decides by what the server knows, under locks. */
function createCommitAnew({ core, batches }: CommitParts): (request: Request) => Promise<Decided> {
  const readContext = createReadContext(core);
  const findCode = core.sql("code_kept", "SELECT 1 FROM {schema}.code WHERE hash = $1 AND NOT collected");
  const keepCode = core.sql("keep_code", "SELECT {schema}.keep_code(true)");

  const requireCode = async (
    connection: Queries,
    { draft }: { readonly draft: Draft },
  ): Promise<Refusal | undefined> => {
    const codeHash = draft.continuation?.codeHash;
    if (codeHash === undefined) return undefined;
    await connection.query(keepCode, []);
    if ((await connection.query(findCode, [codeHash])).length > 0) return undefined;
    return { code: "PRECONDITION_FAILED", message: `The code ${codeHash} is not stored, or not any more` };
  };

  return (request) =>
    core.database.transaction(async (connection) => {
      const { lease, turn, entries } = request;
      const context = await readContext(connection, lease, turn);
      if (context?.key === request.key) return repeatedBy(context.known);
      const lost = fence(request, context);
      if (lost !== undefined) return raise(refusalOf(lease, turn, lost));
      const { known } = context as TurnContext;
      const decision = draftWith(known, lease, turn, entries);
      if ("refusal" in decision) return raise(decision.refusal);
      const refusal = await requireCode(connection, decision);
      if (refusal !== undefined) return raise(refusal);
      const write = turnRequest({ ...request, ...decision, state: known.state, pack: packer(core) }, false);
      const answer = (await batches.writeAlone(write, connection)) as unknown as Answer;
      return { draft: decision.draft, state: known.state, answer };
    });
}

function repeatedBy({ state }: Known): Decided {
  const draft = { writes: [], changes: state.entities, conflicts: {}, claims: [], taken: [], unread: false };
  return { draft: { ...draft, continuation: undefined }, state, answer: ["repeated"] };
}

/** An earlier try wrote the turn: what came of it is read. */
async function repeated({ core, runs }: CommitParts, { runId }: Lease, turn: Turn): Promise<Committed> {
  runs.forget(runId);
  const found = await core.database.query<{
    readonly hook_id: string;
    readonly holder: string;
    readonly unread: boolean;
  }>(
    core.sql(
      "repeated",
      `SELECT e.correlation_id AS hook_id, e.data::json->>'conflictingRunId' AS holder,
        EXISTS (SELECT FROM {schema}.inbox i WHERE i.run = u.id) AS unread
      FROM {schema}.runs u LEFT JOIN {schema}.events e ON e.run = u.id AND e.position > $2 AND e.type = 'hook_conflict'
      WHERE u.run_id = $1`,
    ),
    [runId, turn.after],
  );
  const conflicts = found.filter(({ hook_id }) => hook_id !== null).map(({ hook_id, holder }) => [hook_id, holder]);
  core.hints.ended(runId);
  return { conflicts: Object.fromEntries(conflicts) as Committed["conflicts"], unread: found[0]?.unread ?? false };
}

/** Only the holder of the latest lease appends, and only to the history that it has seen (invariant I1). */
function fence({ lease, turn, worker }: Request, context: TurnContext | null): Answer | undefined {
  if (context === null) return ["lost", "run"];
  if (context.owner !== worker) return ["lost", "owner"];
  if (context.epoch !== lease.epoch) return ["lost", "epoch", context.epoch];
  return context.length === turn.after ? undefined : ["lost", "length", context.length];
}

function refusalOf({ runId, worker, epoch }: Lease, turn: Turn, answer: Answer): Refusal {
  switch (answer[1]) {
    case "run":
      return leaseLost(runId, "there is no such run").refusal;
    case "owner":
      return leaseLost(runId, `${worker} does not own the run`).refusal;
    case "epoch":
      return leaseLost(runId, `it was leased again since (epoch ${String(answer[2])}, not ${epoch})`).refusal;
    default:
      return leaseLost(runId, `the history ends at ${String(answer[2])}, not at ${turn.after}`).refusal;
  }
}

function packer({ keys }: Core): (payload: string | null) => string | null {
  return (payload) => (payload === null ? null : packWhole(payload, keys));
}
