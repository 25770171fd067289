// Run by record.ts, as an application of its own: `node --import workflow/register scenarios.ts <directory>`.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resumeHook, resumeOrStart, type Run, start } from "workflow/api";
import { getWorld, startWorker, type WorkerHandle } from "workflow/runtime";
import type { EventType } from "workflow/world";
import { requestValue } from "../../packages/workflow/src/serialization/http-values.ts";
import type { Recording } from "./recording.ts";
import { aborts } from "./workflows/aborts.ts";
import { labels } from "./workflows/attributes.ts";
import { classes } from "./workflows/classes.ts";
import * as ends from "./workflows/ends.ts";
import * as families from "./workflows/families.ts";
import * as hooks from "./workflows/hooks.ts";
import * as steps from "./workflows/steps.ts";
import * as time from "./workflows/time.ts";
import { values } from "./workflows/values.ts";
import * as webhooks from "./workflows/webhooks.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const [target = ""] = process.argv.slice(2);
const world = await getWorld();
let worker: WorkerHandle = await startWorker({ handleSignals: false });

/** Resolves once the run has `count` events of a type. */
async function until({ runId }: Run, type: EventType, count = 1): Promise<void> {
  for (;;) {
    const { history } = await world.read(runId, 0);
    if (history.filter((event) => event.type === type).length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What happens meanwhile waits for the next worker, which replays what it needs. */
async function withoutWorker(task: () => Promise<void>): Promise<void> {
  await worker.stop();
  await task();
  worker = await startWorker({ handleSignals: false });
}

async function ended(run: Run): Promise<Run> {
  await run.returnValue.catch(() => undefined);
  return run;
}

/** Each starts a run and brings it to where it is recorded. */
const SCENARIOS: Readonly<Record<string, () => Promise<Run>>> = {
  sequence: async () => ended(await start(steps.sequence, [1])),
  retried: async () => ended(await start(steps.retried)),
  caught: async () => ended(await start(steps.caught)),
  options: async () => ended(await start(steps.options, ["Ada"])),
  parallel: async () => ended(await start(steps.parallel)),
  nested: async () => ended(await start(steps.nested, [5])),
  sleeps: async () => ended(await start(time.sleeps)),
  chance: async () => ended(await start(time.chance)),
  fails: async () => ended(await start(ends.fails)),
  "throws-text": async () => ended(await start(ends.throwsText)),
  labels: async () => ended(await start(labels, ["c1"], { attributes: { plan: "pro" } })),
  early: async () => ended(await start(ends.early, ["early"])),

  classes: async () => ended(await start(classes)),

  async values() {
    const given = { when: new Date(1), map: new Map([[1, [new Error("inside")]]]), set: new Set(["x"]) };
    return ended(await start(values, [given]));
  },

  async woken() {
    const run = await start(time.woken);
    await until(run, "wait_created", 2);
    await run.wakeUp();
    return ended(run);
  },

  async race() {
    const run = await start(hooks.race, ["race", 4]);
    await until(run, "hook_created");
    await resumeHook("race", "at once");
    await until(run, "wait_completed", 2);
    await resumeHook("race", { after: "a sleep" });
    return ended(run);
  },

  async stream() {
    const run = await start(hooks.stream, ["stream"]);
    await until(run, "hook_created");
    await Promise.all(["a", "b", "c"].map((letter) => resumeHook("stream", letter)));
    await until(run, "step_completed", 3);
    await resumeHook("stream", "end");
    return ended(run);
  },

  async conflict() {
    const holder = await start(hooks.holds, ["taken"]);
    await until(holder, "hook_created");
    const run = await ended(await start(hooks.conflicts, ["taken"]));
    await resumeHook("taken", "done");
    await ended(holder);
    return run;
  },

  async loses() {
    const run = await start(hooks.loses, ["loses"]);
    await until(run, "hook_created");
    await resumeHook("loses", "first");
    await until(run, "wait_created", 2);
    await resumeHook("loses", "second");
    await until(run, "wait_created", 3);
    await resumeHook("loses", "third");
    return ended(run);
  },

  async asks() {
    const holder = await start(hooks.holds, ["asked"]);
    await until(holder, "hook_created");
    return ended(await start(hooks.asks, ["asked"]));
  },

  async holds() {
    const run = await start(hooks.holds, ["held"]);
    await until(run, "hook_created");
    await resumeHook("held", null);
    return ended(run);
  },

  async disposes() {
    const run = await start(hooks.disposes, ["disposed"]);
    await until(run, "hook_created");
    await resumeHook("disposed", 1);
    await until(run, "step_started");
    await resumeHook("disposed", 2);
    await until(run, "hook_created", 2);
    await resumeHook("disposed", 3);
    return ended(run);
  },

  async typed() {
    const run = await start(hooks.typed);
    await until(run, "step_completed", 2);
    const { data } = await world.hooks.list({ runId: run.runId });
    for (const { token } of data) await resumeHook(token, { ok: token.startsWith("own:") });
    return ended(run);
  },

  async cancelled() {
    const run = await start(ends.endless, ["endless"]);
    await until(run, "hook_created");
    await resumeHook("endless", "go on");
    await until(run, "step_started");
    await run.cancel({ cancelReason: "recorded" });
    return ended(run);
  },

  async webhook() {
    const run = await start(webhooks.webhook);
    await until(run, "step_completed");
    const { data } = await world.hooks.list({ runId: run.runId });
    for (const { token, metadata } of data) {
      const headers = [
        ["content-type", "text/plain"],
        ["x-twice", "a"],
        ["x-twice", "b"],
      ] as const;
      const body = new TextEncoder().encode(`for ${typeof metadata === "string" ? "the first" : "the second"}`);
      await resumeHook(token, requestValue({ method: "POST", url: "http://localhost/a?b=c", headers, body }));
    }
    return ended(run);
  },

  /** Its hook takes a payload that was held, and then nothing until its time is over. */
  async expires() {
    await resumeHook("expires", "held", { hold: "10m", idempotencyKey: "k" });
    return ended(await start(hooks.expires, ["expires"]));
  },

  /** It owns its token before it creates the hook. */
  async owns() {
    const { run } = await resumeOrStart("owns", "first", hooks.holdsLate, ["owns"], { idempotencyKey: "k" });
    return ended(run);
  },

  /** The first payload disposes the hook; the second was accepted before that. */
  async undelivered() {
    const run = await start(hooks.once, ["once"]);
    await until(run, "hook_created");
    await withoutWorker(async () => {
      await resumeHook("once", "in time");
      await resumeHook("once", "too late");
    });
    return ended(run);
  },

  member: async () => ended(await start(families.member, ["one"])),

  async family() {
    const run = await start(families.family);
    await until(run, "step_failed");
    await resumeHook("three", null);
    return ended(run);
  },

  async generations() {
    const run = await start(families.generations);
    for (const text of ["a", "b", "c"]) await resumeHook("generations", text, { hold: "10m" });
    return ended(run);
  },

  async careful() {
    const run = await start(families.careful);
    await until(run, "wait_created");
    await run.cancel({ cancelReason: "recorded" });
    return ended(run);
  },

  async web() {
    const server = createServer((_request, response) => response.end("from the web"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const run = await ended(await start(families.web, [`http://127.0.0.1:${port}/`]));
    server.close();
    return run;
  },

  async aborts() {
    const controller = new AbortController();
    const run = await start(aborts, [controller.signal, "abort"]);
    await until(run, "step_started");
    await resumeHook("abort", null);
    await until(run, "step_completed");
    controller.abort("by the caller");
    return ended(run);
  },

  /** Last, because nobody works on runs any more when it is recorded. */
  async parked() {
    const run = await start(ends.parked, ["parked"]);
    await until(run, "hook_created");
    await resumeHook("parked", 1);
    await until(run, "step_completed");
    await worker.stop();
    await resumeHook("parked", 2);
    return run;
  },
};

async function record({ runId }: Run): Promise<Recording> {
  const { history, seed, inbox } = await world.read(runId, 0);
  const [created] = history;
  const code = created?.type === "run_created" ? await world.code.get(created.data.codeHash) : null;
  if (code === null) throw new Error(`The World has no code of ${runId}`);
  return { runId, seed, code, history, inbox };
}

mkdirSync(target, { recursive: true });
for (const [name, bring] of Object.entries(SCENARIOS)) {
  const text = JSON.stringify(await record(await bring()), null, 1);
  // Stacks of errors that steps threw name files of this machine.
  writeFileSync(join(target, `${name}.json`), `${text.replaceAll(REPOSITORY, "/app")}\n`);
  console.log(`recorded ${name}`);
}
await world.close();
