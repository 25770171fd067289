import type { OfferStore } from "workflow/world";
import { requireMember } from "./leases.ts";
import { endOffer } from "./offers.ts";
import type { Core } from "./world.ts";

/** Who runs the steps that are offered. */
export function offerStore({ tables, hints, method }: Core): OfferStore {
  return {
    take: method((worker, stepNames, want) => {
      requireMember(tables, worker);
      const open = tables.offers.filter((offer) => offer.taker === null && stepNames.includes(offer.step.stepName));
      const taken = open.slice(0, Math.max(want, 0));
      for (const offer of taken) offer.taker = worker;
      const held = tables.offers.filter(({ taker }) => taker === worker).map(({ step }) => step.id);
      if (want > taken.length) tables.full.delete(worker);
      else tables.full.add(worker);
      const others = [...tables.workers.keys()].some((other) => other !== worker && !tables.full.has(other));
      return { steps: taken.map(({ step }) => step), held, others };
    }),
    finish: method((worker, step, outcome) => {
      const offer = tables.offers.find((one) => one.step.id === step.id && one.taker === worker);
      if (offer === undefined) return false;
      if (outcome === null) {
        offer.taker = null;
        hints.tell({ kind: "offered" });
      } else {
        endOffer(tables, offer, outcome);
        hints.tell({ kind: "work", runId: step.runId });
      }
      return true;
    }),
  };
}
