import { describe, expect, test } from "vitest";
import { LEASE_TTL_MS, type Creation, type Delivery, type NewEvent } from "workflow/world";
import { admit, cancelled, claimOf, completed, hookCreated, hookDisposed, newRunOf, runIdOf, said } from "./events.ts";
import { A_HAS_THE_TOKEN, MOVES, NOBODY_HAS_THE_TOKEN, type Move, type Row } from "./orders-expected.ts";
import { leaseOf, ownerOf, type Check, type Owner, type Scene } from "./scene.ts";

const HOUR = 3_600_000;
const TOKEN = "door";
const S = runIdOf(50);

/**
 * Invariants I5 and I6, in both orders of every pair of moves around one token: what each move comes to, who has the
 * token then, and where the payloads are.
 */
export function describeOrders(check: Check): void {
  describe("I5, I6: both orders of", () => {
    for (const row of A_HAS_THE_TOKEN)
      check(`${row[0]}, ${row[1]}; A has the token`, (scene) => play(scene, row, true));
    for (const row of NOBODY_HAS_THE_TOKEN) {
      check(`${row[0]}, ${row[1]}; nobody has the token`, (scene) => play(scene, row, false));
    }
    test("every pair stands there in both orders", () => {
      const pairs = [...A_HAS_THE_TOKEN, ...NOBODY_HAS_THE_TOKEN].map(([first, second]) => `${first}, ${second}`);
      const all = MOVES.flatMap((first) =>
        MOVES.filter((second) => second !== first).map((second) => `${first}, ${second}`),
      );
      expect(pairs.toSorted()).toEqual(all.toSorted());
    });
  });
}

/** Runs around one token. `a` has or wants it, and so does `b`; `s` is the run that `start` makes. */
interface Stage {
  readonly scene: Scene;
  readonly a: Owner;
  readonly b: Owner;
  /** Who owns `a` by now. */
  ownerOfA: Owner;
  s: Owner | undefined;
  /** Payloads that were acknowledged: their text, and the run that was named. */
  readonly delivered: Map<string, string>;
  readonly held: Set<string>;
}

async function play(scene: Scene, row: Row, aHasIt: boolean): Promise<void> {
  const [first, second, answers, holder, payloads] = row;
  const [a, b] = [await scene.own("wrkr_a"), await scene.own("wrkr_b")];
  if (aHasIt) await a.commit(hookCreated("hook_a", TOKEN));
  const stage: Stage = { scene, a, b, ownerOfA: a, s: undefined, delivered: new Map(), held: new Set() };
  const came = [await move(stage, first), await move(stage, second)].join(", ");
  await repeatWhatWasAcknowledged(stage);
  const next = await scene.own("wrkr_next");
  const { conflicts } = (await stage.s?.commit(hookCreated("hook_s", TOKEN))) ?? { conflicts: {} };
  expect(conflicts).toEqual({});
  const found = nameOf(stage, (await next.commit(hookCreated("hook_next", TOKEN))).conflicts["hook_next"]);
  expect([came, found, await placesOf(stage, next)]).toEqual([answers, holder, payloads]);
}

function nameOf({ a, b }: Stage, runId: string | undefined): string {
  if (runId === undefined) return "nobody";
  return { [a.runId]: "A", [b.runId]: "B", [S]: "S" }[runId] ?? "next";
}

async function move(stage: Stage, which: Move): Promise<string> {
  const { a, b } = stage;
  switch (which) {
    case "start":
      return await start(stage);
    case "create":
      return await claim(stage, a, "hook_new");
    case "conflict":
      return await claim(stage, b, "hook_b");
    case "resume":
      return noted(stage, "resume", await resume(stage));
    case "dispose":
      return await turn(a, hookDisposed("hook_a"), "frees");
    case "end":
      return await turn(a, completed, "ends");
    case "cancel":
      return await cancel(stage);
    case "crash":
      return await crash(stage);
  }
}

function startRun({ scene }: Stage): Promise<Creation> {
  const claimed = claimOf(TOKEN, "start", { hookId: "hook_s", idempotencyKey: "start" });
  return scene.world.createRun(newRunOf(50, { idempotencyKey: "order", ...claimed }), "wrkr_a");
}

function resume({ scene: { world, clock } }: Stage): Promise<Delivery> {
  return world.deliver({ token: TOKEN }, said("resume"), { holdUntil: clock.now() + HOUR, idempotencyKey: "resume" });
}

async function start(stage: Stage): Promise<string> {
  try {
    const creation = await startRun(stage);
    if (creation.status === "resumed") return noted(stage, "start", creation.delivery);
    stage.s = ownerOf(stage.scene.world, leaseOf(creation));
    stage.delivered.set("start", S);
    return "makes S";
  } catch (error) {
    return refusal(error);
  }
}

function noted(stage: Stage, text: string, delivery: Delivery): string {
  if (delivery.status === "delivered") {
    stage.delivered.set(text, delivery.runId);
    return `reaches ${nameOf(stage, delivery.runId)}`;
  }
  if (delivery.status === "held") stage.held.add(text);
  return delivery.status;
}

async function claim(stage: Stage, owner: Owner, hookId: string): Promise<string> {
  const before = nameOf(stage, owner.runId);
  try {
    const holder = (await owner.commit(hookCreated(hookId, TOKEN))).conflicts[hookId];
    return holder === undefined ? `${before} gets it` : `${before} is told of ${nameOf(stage, holder)}`;
  } catch (error) {
    return refusal(error);
  }
}

async function turn(owner: Owner, event: NewEvent, done: string): Promise<string> {
  return await owner.commit(event).then(() => done, refusal);
}

/** Whoever asked has no lease any more: nothing was written. */
function refusal(error: unknown): string {
  expect(error).toMatchObject({ code: "LEASE_LOST" });
  return "refused";
}

async function cancel({ scene: { world }, ownerOfA: { runId, turn: commit, inbox } }: Stage): Promise<string> {
  const { status } = await world.deliver({ runId }, cancelled());
  if (status !== "delivered") return status;
  const fact = (await inbox()).find(({ event }) => event.type === "run_cancelled");
  await commit({ entries: [admit(Number(fact?.id))] });
  return "cancels";
}

/** The worker of A, and of S, falls silent and another takes over. It does not know, and goes on when it can. */
async function crash(stage: Stage): Promise<string> {
  const { clock, world, take } = stage.scene;
  clock.advance(LEASE_TTL_MS - 1);
  await world.renew("wrkr_b");
  clock.advance(1);
  if (stage.s !== undefined) stage.s = await take("wrkr_heir", S);
  try {
    stage.ownerOfA = await take("wrkr_heir", stage.a.runId);
    return "A changes hands";
  } catch {
    return "A is over";
  }
}

/** As if the answers had been lost: the same calls again deliver nothing, and name the run of then. */
async function repeatWhatWasAcknowledged(stage: Stage): Promise<void> {
  const { delivered, held } = stage;
  if (delivered.has("resume")) {
    expect(await resume(stage)).toMatchObject({ status: "duplicate", runId: delivered.get("resume") });
  } else if (held.has("resume")) {
    expect(await resume(stage)).toMatchObject({ status: expect.stringMatching(/^held$|^duplicate$/) });
  }
  if (!delivered.has("start")) return;
  await stage.scene.world.join("wrkr_a");
  const again = { status: "resumed", delivery: { status: "duplicate", runId: delivered.get("start") } };
  expect(await startRun(stage)).toMatchObject(stage.s === undefined ? again : { status: "exists", runId: S });
}

/** What each run has got, in order, after checking that nothing is missing, doubled, or with another run than was said. */
async function placesOf(stage: Stage, next: Owner): Promise<string> {
  const { a, b, s, delivered, held } = stage;
  const all: string[] = [];
  const places: string[] = [];
  for (const owner of [a, b, ...(s === undefined ? [] : [s]), next]) {
    const got = await payloadsOf(owner);
    for (const { text } of got) expect(owner.runId).toBe(delivered.get(text) ?? owner.runId);
    all.push(...got.map(({ text }) => text));
    const texts = got.map(({ text, over }) => (over ? `${text} (over)` : text));
    if (got.length > 0) places.push(`${nameOf(stage, owner.runId)}: ${texts.join(", ")}`);
  }
  expect(all.toSorted()).toEqual([...delivered.keys(), ...held].toSorted());
  return places.join("; ");
}

/** `over`: the run ended before it could take it. */
async function payloadsOf(owner: Owner): Promise<readonly { readonly text: string; readonly over: boolean }[]> {
  const events = [...(await owner.history()), ...(await owner.inbox()).map((fact) => fact.event)];
  return events.flatMap((event) => {
    if (event.type !== "hook_received") return [];
    const [text = "another"] = ["start", "resume"].filter((known) => said(known).payload === event.payload);
    return [{ text, over: event.data.undelivered === true }];
  });
}
