import type { OfferedStep, OfferStore, StepOffer } from "workflow/world";
import type { Batches } from "./batches.ts";
import type { Core } from "./core.ts";
import { deliveryOf, factBody, type ServerDelivery } from "./deliver.ts";
import { type Joined, notJoined, raise } from "./joined.ts";
import { createOutcomes } from "./outcomes.ts";

interface Row {
  /** Null where the worker has no offer. */
  readonly id: number | null;
  /** Null of what was taken before. */
  readonly run_id: string | null;
  readonly data: string | null;
  readonly input: string | null;
  /** Null where the worker is not a member. */
  readonly others: boolean | null;
}

const TAKE = `
  SELECT t.id, t.run_id, t.data, t.input, (
    SELECT EXISTS (SELECT FROM {schema}.workers other WHERE other.hungry AND NOT other.gone AND other.id <> w.id)
    FROM {schema}.workers w WHERE w.id = $1 AND NOT w.gone) AS others
  FROM (VALUES (1)) AS one LEFT JOIN {schema}.take_steps($1, $2::text[], $3) t ON true`;

export function createOffers({
  core,
  batches,
  joined,
}: {
  readonly core: Core;
  readonly batches: Batches;
  readonly joined: Joined;
}): OfferStore {
  const { database, sql, clock, hints } = core;
  const take = sql("take_steps", TAKE);
  const giveBack = sql(
    "give_step_back",
    "UPDATE {schema}.offers SET taken_by = NULL WHERE id = $1 AND taken_by = $2 RETURNING id",
  );

  const writeOutcome = createOutcomes(batches);

  return {
    take: core.method(async (worker, stepNames, want) => {
      const row = joined.rowOf(worker) ?? raise(notJoined(worker).refusal);
      const rows = await database.query<Row>(take, [row, stepNames, want]);
      const steps: OfferedStep[] = [];
      const held: number[] = [];
      for (const { id, run_id: runId, data, input } of rows) {
        if (id === null) continue;
        held.push(id);
        if (runId === null || data === null) continue;
        const offer = JSON.parse(data) as StepOffer;
        steps.push({ ...offer, ...(input !== null && { input: core.open(input) }), id, runId });
      }
      return { steps, held, others: rows[0]?.others ?? raise(notJoined(worker).refusal) };
    }),
    finish: core.method(async (worker, { id, runId }, outcome) => {
      const row = joined.rowOf(worker);
      if (row === undefined) return false;
      if (outcome === null) {
        const given = await database.query(giveBack, [id, row]);
        if (given.length > 0) hints.offered();
        return given.length > 0;
      }
      const body = {
        ...factBody(core, outcome, undefined),
        run: runId,
        token: null,
        now: clock.now(),
        offer: id,
        worker: row,
      };
      const write = { kind: "facts", body } as const;
      const [answer] = (await writeOutcome(runId, write)) as readonly ServerDelivery[];
      return deliveryOf(core, "", runId, answer as ServerDelivery).status === "delivered";
    }),
  };
}
