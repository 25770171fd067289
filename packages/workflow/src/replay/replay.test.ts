import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { deserialize, serialize } from "../serialization/serialize.ts";
import type { NewEvent, StoredEvent } from "../world/events.ts";
import type { Command, Instance, RunIdentity } from "./boundary.ts";
import { createRealm, type Realm } from "./create-realm.ts";
import { PRELUDE } from "./prelude.generated.ts";
import { divergenceError } from "./divergence.ts";
import { replay } from "./replay.ts";

const identity: RunIdentity = {
  runId: "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV",
  workflowName: "workflow//./t//main",
  seed: "00112233445566778899aabbccddeeff",
  generation: 0,
  createdAt: 1_000,
};
const handles = {
  step: () => () => {},
  workflow: () => () => {},
  run: () => undefined,
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: () => ({}),
  signal: (data: object) => data,
  controller: (signal: object) => ({ signal }),
};
const pay = (value: unknown): string => serialize(value, { what: "step return value", of: "test" });

function realmOf(body: string, lines: string[] = []): Realm {
  const source = `
    const { createHook, sleep } = __workflow.modules.workflow;
    const [reserve, charge, ship] = ["reserve", "charge", "ship"].map((name) => __workflow.step(name));
    let calls = 0;
    __workflow.workflow("workflow//./t//main", async (input) => {${body}});`;
  return createRealm(
    { hash: createHash("sha256").update(source).digest("hex"), source, map: "" },
    { timeLimitMs: 0, onLog: (_runId, _level, text) => lines.push(text) },
  );
}

/** Runs a workflow live: answers every command at once with `answer`, and returns the history. */
function live(realm: Realm, answer: (command: Command) => NewEvent[]): StoredEvent[] {
  const instance = realm.instantiate(identity);
  const history: StoredEvent[] = [];
  let turn = 1;
  const write = (event: NewEvent): StoredEvent => {
    const stored = { ...event, position: history.length + 1, turn } as StoredEvent;
    history.push(stored);
    return stored;
  };
  const created = { workflowName: identity.workflowName, codeHash: "c" };
  instance.enter(write({ type: "run_created", data: created, payload: pay(["in"]), at: 1_000 }), false);
  const facts: NewEvent[] = [{ type: "run_started", data: {}, at: 1_001 }];
  for (let fact = facts.shift(); fact !== undefined; fact = facts.shift()) {
    turn += 1;
    for (const command of instance.enter(write(fact), false)) {
      const event = eventOf(command, turn);
      if (event !== undefined) write(event);
      facts.push(...answer(command));
    }
  }
  return history;
}

function eventOf(command: Command, turn: number): NewEvent | undefined {
  const at = 1_000 + turn;
  switch (command.type) {
    case "step":
      return {
        type: "step_created",
        correlationId: command.id,
        data: { stepName: command.name },
        payload: command.input,
        at,
      };
    case "wait":
      return { type: "wait_created", correlationId: command.id, data: { resumeAt: command.resumeAt }, at };
    case "complete":
      return { type: "run_completed", data: {}, payload: command.output, at };
    default:
      return undefined;
  }
}

const answerStep = (command: Command): NewEvent[] => {
  if (command.type === "wait")
    return [{ type: "wait_completed", correlationId: command.id, data: {}, at: command.resumeAt }];
  if (command.type !== "step") return [];
  return [{ type: "step_completed", correlationId: command.id, data: {}, payload: pay(command.name), at: 2_000 }];
};

const BODY = `
  const seen = [Math.random(), Date.now()];
  const both = await Promise.all([reserve(input), charge(2)]);
  seen.push(Math.random(), Date.now());
  await sleep("1m");
  seen.push(await ship(both), Date.now(), crypto.randomUUID());
  return { both, seen };`;

test("every prefix of a history replays to the same place twice, and asks only for what is missing [07-7.6.same-operations]", () => {
  const history = live(realmOf(BODY), answerStep);
  const realm = realmOf(BODY);
  const asked = history.map((_, index) => {
    const prefix = history.slice(0, index + 1);
    const first = replay(realm.instantiate(identity), prefix);
    expect(replay(realm.instantiate(identity), prefix)).toEqual(first);
    if (first.status === "diverged") throw new Error(`diverged at ${first.event.position}`);
    return first.commands.map((command) => (command.type === "step" ? command.name : command.type)).join("+");
  });
  expect(asked).toEqual(["", "reserve+charge", "charge", "", "", "wait", "", "ship", "", "complete", ""]);
});

test("a replay in another realm gives the very same values [07-7.13.clock] [01-1.14.clock] [07-7.13.seed]", () => {
  const history = live(realmOf(BODY), answerStep);
  const output = replay(realmOf(BODY).instantiate(identity), history.slice(0, -1));
  if (output.status !== "ready") throw new Error("diverged");
  const [command] = output.commands;
  if (command?.type !== "complete") throw new Error("not complete");
  expect(command.output).toBe(history.at(-1)?.payload);
  const { seen } = deserialize(command.output, handles) as { seen: unknown[] };
  expect(seen[1]).toBe(1_001);
  expect(seen[3]).toBe(2_000);
  expect(seen[5]).toBe(62_000);
});

test.each([
  ["another step", `await Promise.all([reserve(1), ship(2)]); await sleep("1m");`, "charge", "step ship"],
  ["a step less", `await reserve(1); await sleep("1m");`, "charge", "nothing more"],
  ["a step more", `await Promise.all([reserve(1), charge(2), ship(3)]);`, "step_completed", "step ship"],
  ["another order", `await Promise.all([charge(1), reserve(2)]);`, "reserve", "step charge"],
  ["an early end", `return 1;`, "reserve", "the end of the run"],
  ["an error", `throw new Error("new");`, "reserve", "the failure of the run"],
])(
  "edited code is reported with event, expected and found: %s [03-3.3.ReplayDivergenceError] [03-3.6.divergence] [07-7.6.divergence]",
  (_what, body, expected, found) => {
    const history = live(realmOf(BODY), answerStep);
    const outcome = replay(realmOf(body).instantiate(identity), history);
    if (outcome.status !== "diverged") throw new Error("not noticed");
    const error = divergenceError(identity.runId, outcome.event, outcome.found, "src/order.ts:3:9");
    expect(error.message).toContain(expected);
    expect(error.message).toContain(found);
    expect(error.message).toContain("src/order.ts:3:9");
    expect(error.eventId).toMatch(/^evnt_\d{26}$/);
  },
);

test("a tracing instance says where a command was asked for", () => {
  const realm = realmOf(`\n\n  await reserve(1);`);
  const instance: Instance = realm.instantiate(identity, { tracing: true });
  const created = { workflowName: identity.workflowName, codeHash: "c" };
  instance.enter({ type: "run_created", data: created, payload: pay([]), at: 1, position: 1, turn: 1 }, true);
  const [command] = instance.enter({ type: "run_started", data: {}, at: 1, position: 2, turn: 2 }, true);
  expect(command?.stack).toMatch(/workflow-code-[0-9a-f]{16}\.js:7:9/);
});

test("module state belongs to one run, and so do globals that it assigns [07-7.6.top-level]", () => {
  const realm = realmOf(`calls += 1; globalThis.mark = (globalThis.mark ?? 0) + 1; return [calls, mark];`);
  for (const _ of [1, 2]) {
    const history = live(realm, answerStep);
    expect(deserialize(history.at(-1)?.payload ?? "", handles)).toEqual([1, 1]);
  }
});

test("what workflow code prints is heard live and not on replay", () => {
  const lines: string[] = [];
  const realm = realmOf(`console.log("hello", { a: 1 }); await reserve(1);`, lines);
  const history = live(realm, answerStep);
  expect(lines).toEqual(["hello { a: 1 }"]);
  replay(realm.instantiate(identity), history);
  expect(lines).toHaveLength(1);
});

test("the prelude defines what Node 22 lacks before a class of it names a method by it", () => {
  const defined = PRELUDE.indexOf('["dispose", "asyncDispose"]');
  expect(defined).toBeGreaterThan(0);
  expect(PRELUDE.indexOf("[Symbol.dispose]")).toBeGreaterThan(defined);
});

test("workflow code that is called by the engine cannot walk up to it", () => {
  const realm = realmOf(`
    const seen = [];
    const error = new Error("");
    function walk() {
      for (let f = walk.caller; f; f = f.caller) seen.push(f.name, String(f.arguments));
      error.message = JSON.stringify(seen);
    }
    Object.defineProperty(error, "cause", { get: walk });
    throw error;`);
  const instance = realm.instantiate(identity);
  const created = { workflowName: identity.workflowName, codeHash: "c" };
  instance.enter({ type: "run_created", data: created, payload: pay([]), at: 1, position: 1, turn: 1 }, true);
  const [command] = instance.enter({ type: "run_started", data: {}, at: 1, position: 2, turn: 2 }, true);
  if (command?.type !== "fail") throw new Error("did not fail");
  expect((deserialize(command.error, handles) as Error).message).toBe("[]");
});
