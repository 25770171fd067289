import { describe, expect } from "vitest";
import { LEASE_TTL_MS, type NewEvent, type OfferStore, type StepFact } from "workflow/world";
import {
  admit,
  AT,
  cancelRequested,
  completed,
  continued,
  entry,
  offerOf,
  payload,
  stepCompleted,
  stepCreated,
  stepRetrying,
  STEP_NAME,
  stepStarted,
} from "./events.ts";
import type { Check, Owner, Scene } from "./scene.ts";

/** Steps that are run by workers that do not own the run; or that a World refuses to share them. */
export function describeOffers(check: Check): void {
  const shared = sharedOn(check);
  describe("offered steps", () => {
    describeTaking(shared);
    describeFinishing(shared);
    describeDeaths(shared);
    describeEnds(shared);
  });
}

type Shared = (title: string, body: (scene: Scene & { readonly offers: OfferStore }) => Promise<void>) => void;

/** A World without offers says so, and refuses to be given any. */
function sharedOn(check: Check): Shared {
  return (title, body) =>
    check(title, async (scene) => {
      const { offers } = scene.world;
      if (offers !== null) return await body({ ...scene, offers });
      const owner = await scene.own();
      const before = await owner.history();
      await expect(offer(owner, "step_1")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await owner.history()).toEqual(before);
    });
}

/** A turn that starts steps and offers them. */
async function offer(owner: Owner, ...stepIds: string[]): Promise<void> {
  const events = stepIds.flatMap((id): NewEvent[] => [stepCreated(id), stepStarted(id)]);
  await owner.turn({ entries: events.map(entry), offers: stepIds.map((id) => offerOf(id)) });
}

async function takenIds(offers: OfferStore, worker: string, want = 10): Promise<readonly string[]> {
  return (await offers.take(worker, [STEP_NAME], want)).steps.map(({ stepId }) => stepId);
}

function describeTaking(shared: Shared): void {
  shared("who takes a step gets what was offered, once", async ({ world, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await world.join("wrkr_c");
    await offer(owner, "step_1", "step_2");
    const { steps, held } = await offers.take("wrkr_b", ["other", STEP_NAME], 1);
    expect(steps).toEqual([{ ...offerOf("step_1"), id: steps[0]?.id, runId: owner.runId }]);
    expect(held).toEqual([steps[0]?.id]);
    expect(await takenIds(offers, "wrkr_c")).toEqual(["step_2"]);
    expect(await takenIds(offers, "wrkr_a")).toEqual([]);
    expect((await offers.take("wrkr_b", [STEP_NAME], 5)).held).toEqual(held);
  });

  shared("steps are taken in the order of their offers, by those who have them", async ({ world, own, offers }) => {
    const one = await own();
    const other = await own();
    await world.join("wrkr_b");
    await offer(one, "step_1", "step_2");
    await offer(other, "step_3");
    expect(await offers.take("wrkr_b", ["step//shop//refund"], 10)).toMatchObject({ steps: [], held: [] });
    expect(await takenIds(offers, "wrkr_b", 0)).toEqual([]);
    expect(await takenIds(offers, "wrkr_b", 2)).toEqual(["step_1", "step_2"]);
    expect(await takenIds(offers, "wrkr_b", 2)).toEqual(["step_3"]);
  });

  shared("workers that take at the same time share nothing and miss nothing", async ({ world, own, offers }) => {
    const owner = await own();
    const workers = Array.from({ length: 5 }, (_, n) => `wrkr_${n}`);
    for (const worker of workers) await world.join(worker);
    const ids = Array.from({ length: 20 }, (_, n) => `step_${n}`);
    await offer(owner, ...ids);
    const taken = (await Promise.all(workers.map((worker) => takenIds(offers, worker, 3)))).flat();
    expect(new Set(taken).size).toBe(taken.length);
    const rest = await takenIds(offers, "wrkr_0", 30);
    expect([...taken, ...rest].toSorted()).toEqual(ids.toSorted());
  });

  shared("only members take steps, and a turn that is refused offers none", async ({ own, offers }) => {
    const owner = await own();
    await expect(offers.take("wrkr_b", [STEP_NAME], 1)).rejects.toMatchObject({ code: "LEASE_LOST" });
    const turn = { entries: [stepCreated("step_1"), stepStarted("step_1")].map(entry), offers: [offerOf("step_1")] };
    await expect(owner.turn({ ...turn, after: 7 })).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await takenIds(offers, "wrkr_a")).toEqual([]);
  });

  shared("a worker that takes steps hears whether others have places", async ({ world, own, offers }) => {
    await own();
    expect(await offers.take("wrkr_a", [STEP_NAME], 1)).toEqual({ steps: [], held: [], others: false });
    await world.join("wrkr_b");
    expect((await offers.take("wrkr_a", [STEP_NAME], 0)).others).toBe(true);
    await offers.take("wrkr_b", [STEP_NAME], 0);
    expect((await offers.take("wrkr_a", [STEP_NAME], 0)).others).toBe(false);
    await offers.take("wrkr_b", [STEP_NAME], 1);
    expect((await offers.take("wrkr_a", [STEP_NAME], 0)).others).toBe(true);
    await world.leave("wrkr_b");
    expect((await offers.take("wrkr_a", [STEP_NAME], 0)).others).toBe(false);
  });

  shared("who may take steps is told", async ({ world, own }) => {
    const owner = await own();
    const told = new Promise<void>((resolve) => {
      world.onHint((hint) => hint.kind === "offered" && resolve());
    });
    await offer(owner, "step_1");
    await expect(told).resolves.toBeUndefined();
  });

  shared("the owner sees what is offered, taken or not", async ({ world, own, offers }) => {
    const owner = await own();
    expect((await world.read(owner.runId, 0)).offered ?? []).toEqual([]);
    await offer(owner, "step_1", "step_2");
    await takenIds(offers, "wrkr_a", 1);
    expect((await world.read(owner.runId, 99)).offered?.toSorted()).toEqual(["step_1", "step_2"]);
  });
}

function describeFinishing(shared: Shared): void {
  shared("the outcome is in the inbox, and the run has something to do", async ({ world, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1", "step_2", "step_3");
    const { steps } = await offers.take("wrkr_b", [STEP_NAME], 3);
    const outcomes = [stepCompleted("step_1"), stepRetrying("step_2", AT + 9), stepCompleted("step_3")] as StepFact[];
    for (const [n, step] of steps.entries()) {
      expect(await offers.finish("wrkr_b", step, outcomes[n] ?? null)).toBe(true);
    }
    const inbox = await owner.inbox();
    expect(inbox.map(({ event }) => event)).toEqual(outcomes);
    expect(await world.lease("wrkr_a", 10)).toEqual([owner.lease]);
    await owner.turn({ entries: inbox.map(({ id }) => admit(id)) });
    expect((await world.steps.get(owner.runId, "step_2")).status).toBe("pending");
    expect((await world.steps.get(owner.runId, "step_3")).output).toBe(payload("result"));
    expect((await world.read(owner.runId, 0)).offered ?? []).toEqual([]);
  });

  shared("only who has taken a step finishes it, and only once", async ({ world, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1");
    const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
    if (step === undefined) throw new Error("nothing to take");
    const outcome = stepCompleted("step_1") as StepFact;
    expect(await offers.finish("wrkr_a", step, outcome)).toBe(false);
    expect(await owner.inbox()).toEqual([]);
    expect(await offers.finish("wrkr_b", step, outcome)).toBe(true);
    expect(await offers.finish("wrkr_b", step, outcome)).toBe(false);
    expect(await owner.inbox()).toHaveLength(1);
  });

  shared("a step that is given back is for the next", async ({ world, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1");
    const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
    if (step === undefined) throw new Error("nothing to take");
    expect(await offers.finish("wrkr_b", step, null)).toBe(true);
    expect(await offers.finish("wrkr_b", step, null)).toBe(false);
    expect(await owner.inbox()).toEqual([]);
    expect(await takenIds(offers, "wrkr_a")).toEqual(["step_1"]);
  });
}

function describeDeaths(shared: Shared): void {
  const interrupted = { type: "step_retrying", correlationId: "step_1", data: { retryAfter: 0, interrupted: true } };

  shared("the run of a step whose worker left is told, and nobody else takes it", async ({ world, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1");
    const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
    if (step === undefined) throw new Error("nothing to take");
    await world.leave("wrkr_b");
    expect(await world.lease("wrkr_a", 10)).toEqual([owner.lease]);
    expect((await owner.inbox()).map(({ event }) => event)).toMatchObject([interrupted]);
    expect(await takenIds(offers, "wrkr_a")).toEqual([]);
    expect(await offers.finish("wrkr_b", step, stepCompleted("step_1") as StepFact)).toBe(false);
  });

  shared("a worker that is given up has lost what it had taken", async ({ world, clock, own, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1");
    const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
    if (step === undefined) throw new Error("nothing to take");
    clock.advance(LEASE_TTL_MS / 2);
    await world.renew("wrkr_a");
    clock.advance(LEASE_TTL_MS / 2);
    await world.lease("wrkr_a", 10);
    expect((await owner.inbox()).map(({ event }) => event)).toMatchObject([interrupted]);
    await expect(offers.take("wrkr_b", [STEP_NAME], 1)).rejects.toMatchObject({ code: "LEASE_LOST" });
    await world.join("wrkr_b");
    expect(await offers.take("wrkr_b", [STEP_NAME], 1)).toMatchObject({ steps: [], held: [] });
    expect(await offers.finish("wrkr_b", step, stepCompleted("step_1") as StepFact)).toBe(false);
    expect(await owner.inbox()).toHaveLength(1);
  });

  shared("offers outlive the owner of their run", async ({ world, own, take, offers }) => {
    const owner = await own();
    await world.join("wrkr_b");
    await offer(owner, "step_1", "step_2");
    const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
    if (step === undefined) throw new Error("nothing to take");
    await world.leave("wrkr_a");
    const next = await take("wrkr_b", owner.runId);
    expect((await world.read(owner.runId, 0)).offered?.toSorted()).toEqual(["step_1", "step_2"]);
    expect(await offers.finish("wrkr_b", step, stepCompleted("step_1") as StepFact)).toBe(true);
    expect(await next.inbox()).toHaveLength(1);
    expect(await takenIds(offers, "wrkr_b")).toEqual(["step_2"]);
  });
}

function describeEnds(shared: Shared): void {
  const ends = {
    "a run that ends": [entry(completed)],
    "a run that goes on as new": [continued()],
    "a run that begins to clean up": [entry(cancelRequested(AT + 1_000))],
  };
  for (const [what, entries] of Object.entries(ends)) {
    shared(`${what} waits for no step that it has offered`, async ({ world, own, offers }) => {
      const owner = await own();
      await world.join("wrkr_b");
      await offer(owner, "step_1", "step_2");
      const [step] = (await offers.take("wrkr_b", [STEP_NAME], 1)).steps;
      if (step === undefined) throw new Error("nothing to take");
      await owner.turn({ entries });
      expect(await offers.take("wrkr_b", [STEP_NAME], 10)).toMatchObject({ steps: [], held: [] });
      expect(await offers.finish("wrkr_b", step, stepCompleted("step_1") as StepFact)).toBe(false);
      const { inbox, offered = [] } = await world.read(owner.runId, 0);
      expect([inbox, offered]).toEqual([[], []]);
    });
  }

  shared("a turn that begins to clean up may offer steps of the cleanup", async ({ own, offers }) => {
    const owner = await own();
    await offer(owner, "step_1");
    const events = [cancelRequested(AT + 1_000), stepCreated("step_2"), stepStarted("step_2")];
    await owner.turn({ entries: events.map(entry), offers: [offerOf("step_2")] });
    expect(await takenIds(offers, "wrkr_a")).toEqual(["step_2"]);
  });
}
