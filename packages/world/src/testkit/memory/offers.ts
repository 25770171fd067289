import { isEnded, type StepFact, type Turn, type WorkerId } from "workflow/world";
import type { OfferRow, RunRow, Tables } from "./tables.ts";

/** What a turn makes of the run's offers. */
export function offerSteps(tables: Tables, row: RunRow, { offers = [] }: Turn): void {
  for (const offer of offers) {
    const id = (tables.lastOfferId += 1);
    tables.offers.push({ step: { ...offer, id, runId: row.runId }, taker: null });
  }
}

/** The run does not wait for what it has offered so far. */
export function withdraw(tables: Tables, { runId }: RunRow): void {
  tables.offers = tables.offers.filter(({ step }) => step.runId !== runId);
}

/** The worker is gone, and the bodies with it. */
export function interruptTaken(tables: Tables, worker: WorkerId): void {
  for (const offer of tables.offers.filter(({ taker }) => taker === worker)) {
    const { stepId: correlationId, startedAt: at } = offer.step;
    const data = { retryAfter: 0, interrupted: true } as const;
    endOffer(tables, offer, { type: "step_retrying", correlationId, data, at });
  }
}

/** The offer is over, and its run has the outcome. */
export function endOffer(tables: Tables, offer: OfferRow, outcome: StepFact): void {
  tables.offers = tables.offers.filter((one) => one !== offer);
  const row = tables.runs.get(offer.step.runId);
  if (row?.entities.run === undefined || isEnded(row.entities.run)) return;
  tables.lastFactId += 1;
  row.inbox = [...row.inbox, { id: tables.lastFactId, event: outcome }];
  row.dueAt = 0;
}

export function offeredOf(tables: Tables, runId: string): readonly string[] {
  return tables.offers.filter(({ step }) => step.runId === runId).map(({ step }) => step.stepId);
}
