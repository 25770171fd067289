import type { OfferedStep, OfferStore, StepOffer } from "workflow/world";
import { BUSY, type Batches } from "./batches.ts";
import type { Core } from "./core.ts";
import { deliveryOf, factBody, type ServerDelivery } from "./deliver.ts";
import { type Joined, notJoined, raise } from "./joined.ts";
import type { DatabasePeers } from "./peers.ts";

interface Row {
  readonly id: number | null;
  /** Null of what was taken before. */
  readonly run_id: string | null;
  readonly data: string | null;
  readonly input: string | null;
}

export function createOffers({
  core,
  batches,
  joined,
  peers,
}: {
  readonly core: Core;
  readonly batches: Batches;
  readonly joined: Joined;
  readonly peers: DatabasePeers;
}): OfferStore {
  const { database, sql, clock, hints } = core;
  const take = sql("take_steps", "SELECT * FROM {schema}.take_steps($1, $2::text[], $3)");
  const giveBack = sql(
    "give_step_back",
    "UPDATE {schema}.offers SET taken_by = NULL WHERE id = $1 AND taken_by = $2 RETURNING id",
  );

  return {
    get others() {
      return peers.others || joined.rows().length > 1;
    },
    take: core.method(async (worker, stepNames, want) => {
      const row = joined.rowOf(worker) ?? raise(notJoined(worker).refusal);
      const rows = await database.query<Row>(take, [row, stepNames, want]);
      const steps: OfferedStep[] = [];
      const held: number[] = [];
      for (const { id, run_id: runId, data, input } of rows) {
        held.push(id ?? raise(notJoined(worker).refusal));
        if (id === null || runId === null || data === null) continue;
        const offer = JSON.parse(data) as StepOffer;
        steps.push({ ...offer, ...(input !== null && { input: core.open(input) }), id, runId });
      }
      return { steps, held };
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
      let [answer] = (await batches.write(write)) as readonly ServerDelivery[];
      if (answer?.status === BUSY) [answer] = (await batches.writeAlone(write)) as readonly ServerDelivery[];
      return deliveryOf(core, "", runId, answer as ServerDelivery).status === "delivered";
    }),
  };
}
