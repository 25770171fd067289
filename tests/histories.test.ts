// Histories that earlier versions wrote, and this one, must replay as they happened (invariant I7).
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type EventData, isRunTerminal, type StoredCode, type StoredEvent } from "workflow/world";
import type { Command, Instance } from "../packages/workflow/src/replay/boundary.ts";
import { createRealm, type Realm } from "../packages/workflow/src/replay/create-realm.ts";
import { ROLE, roleOf } from "../packages/workflow/src/replay/delivery.ts";
import { type Replayed, replay } from "../packages/workflow/src/replay/replay.ts";
import { deserialize, type Handles } from "../packages/workflow/src/serialization/serialize.ts";
import { allRecordings, type Recording } from "./histories/recording.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const manifest = readFileSync(join(REPOSITORY, "packages/workflow/package.json"), "utf8");
const { version: THIS_VERSION } = JSON.parse(manifest) as { version: string };
const RECORDINGS = allRecordings();

const realms = new Map<string, Realm>();

function realmOf(code: StoredCode): Realm {
  const realm = realms.get(code.hash) ?? createRealm(code, { timeLimitMs: 5_000, onLog: () => {} });
  realms.set(code.hash, realm);
  return realm;
}

function instantiate({ code, runId, seed, history }: Recording): Instance {
  const [created] = history;
  if (created?.type !== "run_created") throw new Error("The history does not begin with run_created");
  const { workflowName, generation = 0 } = created.data;
  return realmOf(code).instantiate({ runId, workflowName, seed, generation, createdAt: created.at });
}

/** @throws when the code does not do what the history says. */
function commandsAfter(recording: Recording, history: readonly StoredEvent[]): readonly Command[] {
  const replayed: Replayed = replay(instantiate(recording), history);
  if (replayed.status === "ready") return replayed.commands;
  throw new Error(`diverged at ${JSON.stringify(replayed.event)}: ${JSON.stringify(replayed.found)}`);
}

/** The classes of a recording are in its own code only. */
const reviveAlone = (data: unknown): unknown => data;

const handles = {
  step: (stepId: string, closureVars: unknown) => ({ stepId, closureVars }),
  workflow: (workflowId: string) => ({ workflowId }),
  run: (runId: string) => ({ runId }),
  stream: (data: object) => data,
  signal: (data: object) => data,
  controller: (signal: object) => ({ signal }),
  class: (classId: string) => ({ classId, [Symbol.for("workflow-deserialize")]: reviveAlone }),
} as unknown as Handles;

/** A later version may write values differently: what counts is what they are. */
const revive = (payload: string | undefined): unknown =>
  payload === undefined ? undefined : deserialize(payload, handles);

function settingsIn(data: EventData["step_created"]): object {
  const { stepName: _, awaits: __, ...settings } = data;
  return settings;
}

/** A command, or the event that it became, in terms that both have. */
function asked(from: Command | StoredEvent): readonly unknown[] {
  switch (from.type) {
    case "step":
      return ["step", from.id, from.name, from.settings ?? {}, revive(from.input)];
    case "step_created":
      return ["step", from.correlationId, from.data.stepName, settingsIn(from.data), revive(from.payload)];
    case "wait":
      return ["wait", from.id, from.resumeAt];
    case "wait_created":
      return ["wait", from.correlationId, from.data.resumeAt];
    case "hook":
      return ["hook", from.id, from.token, revive(from.metadata)];
    case "hook_created":
    case "hook_conflict":
      return ["hook", from.correlationId, from.data.token, revive(from.payload)];
    case "dispose":
      return ["dispose", from.id];
    case "hook_disposed":
      return ["dispose", from.correlationId];
    case "abort":
      return ["abort", from.id, revive(from.reason)];
    case "hook_received":
      return ["abort", from.correlationId, revive(from.payload)];
    case "closeWait":
      return ["close", from.id];
    case "wait_completed":
      return ["close", from.correlationId];
    case "attributes":
      return ["attributes", from.id, from.changes];
    case "attr_set":
      return ["attributes", from.correlationId, from.data.changes];
    case "complete":
      return ["complete", revive(from.output)];
    case "run_completed":
      return ["complete", revive(from.payload)];
    case "fail":
      return ["fail", from.errorCode, revive(from.error)];
    case "run_failed":
      return ["fail", from.data.errorCode, revive(from.payload)];
    case "cancelled":
    case "run_cancelled":
      return ["cancelled"];
    default:
      throw new Error(`${from.type} is nothing that code asks for`);
  }
}

const isAskedFor = (event: StoredEvent): boolean => ["command", "outcome"].includes(roleOf(event));

test("this version has histories of its own, with every type of event", () => {
  const own = RECORDINGS.filter(({ name }) => name.startsWith(`${THIS_VERSION}/`));
  const types = new Set(own.flatMap(({ recording }) => recording.history.map(({ type }) => type)));
  expect([...types].toSorted(), "see CONTRIBUTING.md: npm run record-histories").toEqual(Object.keys(ROLE).toSorted());
  expect(own.some(({ recording }) => recording.inbox.length > 0)).toBe(true);
});

describe.each(RECORDINGS)("I7 replay: $name", ({ recording }) => {
  const { code, history } = recording;

  test("is as it was recorded", () => {
    expect(createHash("sha256").update(code.source).digest("hex")).toBe(code.hash);
    expect(history.map(({ position }) => position)).toEqual(history.map((_, index) => index + 1));
  });

  test("replays to its end, and the code asks for nothing more", () => {
    expect(commandsAfter(recording, history)).toEqual([]);
  });

  test("replays to every place in it, and the code asks for what comes next [07-7.6.same-operations]", () => {
    for (const { position } of history) {
      const expected = history.slice(position).filter(isAskedFor).map(asked);
      const found = commandsAfter(recording, history.slice(0, position)).map(asked);
      expect(found, `after event ${position}`).toEqual(expected.slice(0, found.length));
    }
  });

  test("diverges wherever an event is edited that the code asked for", () => {
    for (const event of history.filter(isAskedFor)) {
      const edited = history.map((other) => (other === event ? edit(event) : other));
      expect(replay(instantiate(recording), edited), `event ${event.position}`).toMatchObject({
        status: "diverged",
        event: { position: event.position },
      });
    }
  });
});

test.each(RECORDINGS.filter(hasEnded))("$name ends with what was recorded", ({ recording }) => {
  const last = lastOf(recording);
  const found = commandsAfter(recording, recording.history.slice(0, -1));
  expect(found.map(asked)).toEqual(isAskedFor(last) ? [asked(last)] : []);
});

test.each(RECORDINGS.filter((each) => !hasEnded(each)))("$name takes in what was left for it", ({ recording }) => {
  const { history, inbox } = recording;
  const instance = instantiate(recording);
  expect(replay(instance, history).status).toBe("ready");
  const place = { position: history.length + 1, turn: lastOf(recording).turn + 1 };
  expect(inbox.flatMap(({ event }) => instance.enter({ ...event, ...place }, false))).not.toEqual([]);
});

function hasEnded({ recording }: { readonly recording: Recording }): boolean {
  return isRunTerminal(lastOf(recording).type);
}

function lastOf({ history, runId }: Recording): StoredEvent {
  const last = history.at(-1);
  if (last === undefined) throw new Error(`${runId} has no history`);
  return last;
}

function edit(event: StoredEvent): StoredEvent {
  if (event.type === "run_completed") return { ...event, type: "run_failed", data: { errorCode: "USER_ERROR" } };
  if (event.type === "run_cancelled") return { ...event, type: "run_completed", data: {} };
  if (event.type === "run_failed") return { ...event, type: "run_completed", data: {} };
  return { ...event, correlationId: `${event.correlationId}0` };
}

test("the recorder leaves the histories of a version alone", async () => {
  const root = mkdtempSync(join(tmpdir(), "workflow-histories-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const histories = join(root, "tests/histories");
  for (const folder of [join(histories, "1.2.3"), join(root, "packages/workflow")]) {
    mkdirSync(folder, { recursive: true });
  }
  cpSync(join(REPOSITORY, "tests/histories/record.ts"), join(histories, "record.ts"));
  writeFileSync(join(root, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(root, "packages/workflow/package.json"), `{ "version": "1.2.3" }`);
  writeFileSync(join(histories, "1.2.3/kept.json"), "{}");
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
  execFile(process.execPath, [join(histories, "record.ts")], (error, _stdout, stderr) =>
    resolve({ code: error?.code, stderr }),
  );
  const refusal = await promise;
  expect(refusal.stderr).toContain("histories of 1.2.3 already");
  expect(refusal.code).toBe(1);
  expect(readdirSync(join(histories, "1.2.3"))).toEqual(["kept.json"]);
});
