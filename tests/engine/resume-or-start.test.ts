import { expect, test } from "vitest";
import { getRun, resumeHook, resumeOrStart, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const CART = realmCode(
  ["work"],
  `workflow("cart", async (token) => {
    const hook = createHook({ token });
    const items = [];
    for await (const item of hook) {
      if (item === "checkout") return items;
      items.push(item);
    }
  });
  workflow("late", async (token) => {
    await sleep(20);
    await work();
    const hook = createHook({ token });
    return [await hook, await hook, await hook.getConflict()];
  });
  workflow("deaf", async (token) => { await work(); return "nothing heard"; });`,
);

describeEngine("resumeOrStart (I6)", ({ openWorld, startEngine }) => {
  test("a thousand calls for one token start one run, and deliver a thousand payloads to it [07-7.10.resume-or-start]", async () => {
    deploy(CART, { work: async () => {} });
    const world = await openWorld();
    await startEngine({ world });
    const items = Array.from({ length: 1_000 }, (_, n) => n);
    const answers = await Promise.all(items.map((n) => resumeOrStart("cart", n, workflow("cart"), ["cart"])));
    expect(answers.filter(({ status }) => status === "started")).toHaveLength(1);
    expect(answers.filter(({ status }) => status === "delivered")).toHaveLength(999);
    expect(new Set(answers.map(({ run }) => run.runId)).size).toBe(1);
    await resumeOrStart("cart", "checkout", workflow("cart"), ["cart"]);
    const taken = (await answers[0]?.run.returnValue) as unknown as number[];
    expect(taken).toEqual(items);
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  test("works where no worker runs; payloads of before the first turn are there, in order [02-2.1.accepted]", async () => {
    deploy(CART, { work: async () => {} });
    const world = await openWorld();
    const options = { world };
    const first = await resumeOrStart("cart", "a", workflow("cart"), ["cart"], options);
    const second = await resumeOrStart("cart", "b", workflow("cart"), ["cart"], options);
    expect([first.status, second.status, second.run.runId]).toEqual(["started", "delivered", first.run.runId]);
    await startEngine({ world });
    expect(await resumeHook("cart", "checkout")).toMatchObject({ status: "delivered", runId: first.run.runId });
    expect(await first.run.returnValue).toEqual(["a", "b"]);
    expect(await eventTypes(world, first.run.runId)).toEqual([
      "run_created",
      "run_started",
      "hook_created",
      "hook_received",
      "hook_received",
      "hook_received",
      "run_completed",
    ]);
  });

  test("the run owns its token before it creates the hook: others get a conflict, resumes wait for it", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(CART, { work: () => gate.promise });
    const world = await openWorld();
    await startEngine({ world });
    const { run } = await resumeOrStart("t", "first", workflow("late"), ["t"]);
    await untilEvent(world, run.runId, "step_started");
    const hook = await resumeHook("t", "second");
    expect(hook).toMatchObject({ status: "delivered", runId: run.runId, token: "t" });
    const other = await start(workflow("cart"), ["t"]);
    await expect(other.returnValue).rejects.toMatchObject({ cause: { conflictingRunId: run.runId } });
    gate.resolve();
    expect(await run.returnValue).toEqual(["first", "second", null]);
    const { data } = await world.events.list({ runId: run.runId });
    expect(data.find(({ eventType }) => eventType === "hook_created")?.correlationId).toBe(hook.hookId);
    expect(data[0]?.eventData).toMatchObject({ token: "t" });
  });

  test("a run that never creates the hook leaves its payloads in its history, and frees the token", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(CART, { work: () => gate.promise });
    const world = await openWorld();
    await startEngine({ world });
    const { run } = await resumeOrStart("t", "one", workflow("deaf"), ["t"], { idempotencyKey: "k" });
    await resumeHook("t", "two");
    gate.resolve();
    expect(await run.returnValue).toBe("nothing heard");
    const received = (await world.events.list({ runId: run.runId })).data.filter(
      ({ eventType }) => eventType === "hook_received",
    );
    expect(received.map(({ eventData }) => eventData)).toMatchObject([
      { undelivered: true, token: "t", idempotencyKey: "k" },
      { undelivered: true, token: "t" },
    ]);
    await expect(resumeHook("t", "three")).rejects.toSatisfy(HookNotFoundError.is);
    expect((await resumeOrStart("t", "four", workflow("cart"), ["t"])).status).toBe("started");
  });

  test("a hook of a run that was started otherwise is resumed, whatever its workflow", async () => {
    deploy(CART, { work: async () => {} });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("cart"), ["t"]);
    await untilEvent(world, run.runId, "hook_created");
    const answer = await resumeOrStart("t", "checkout", workflow("deaf"), ["t"]);
    expect([answer.status, answer.run.runId]).toEqual(["delivered", run.runId]);
    expect(await run.returnValue).toEqual([]);
  });

  test("with a key it delivers once, also after the run has ended, and starts nothing more", async () => {
    deploy(CART, { work: async () => {} });
    const world = await openWorld();
    await startEngine({ world });
    const send = (item: string, idempotencyKey: string): ReturnType<typeof resumeOrStart> =>
      resumeOrStart("t", item, workflow("cart"), ["t"], { idempotencyKey });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send("a", "1")));
    expect(answers.filter(({ status }) => status === "started")).toHaveLength(1);
    expect(answers.filter(({ status }) => status === "duplicate")).toHaveLength(19);
    const { run } = await send("checkout", "2");
    expect(await run.returnValue).toEqual(["a"]);
    expect(await send("a", "1")).toMatchObject({ status: "duplicate", run: { runId: run.runId } });
    expect((await world.runs.list()).data).toHaveLength(1);
    expect(await resumeHook("t", "a", { idempotencyKey: "1" })).toMatchObject({
      status: "duplicate",
      runId: run.runId,
    });
  });

  test("held payloads come first, and one that is held with the same key is not doubled", async () => {
    deploy(CART, { work: async () => {} });
    const world = await openWorld();
    await startEngine({ world });
    await resumeHook("t", "early", { hold: "1h" });
    await resumeHook("t", "keyed", { hold: "1h", idempotencyKey: "k" });
    const { status, run } = await resumeOrStart("t", "keyed", workflow("cart"), ["t"], { idempotencyKey: "k" });
    expect(status).toBe("started");
    await resumeHook("t", "checkout");
    expect(await run.returnValue).toEqual(["early", "keyed"]);
  });

  test("a cancelled run frees the token that it never used", async () => {
    deploy(CART, { work: () => new Promise(() => {}) });
    const world = await openWorld();
    await startEngine({ world, graceMs: 10 });
    const { run } = await resumeOrStart("t", "one", workflow("deaf"), ["t"]);
    await untilEvent(world, run.runId, "step_started");
    await getRun(run.runId).cancel();
    const next = await resumeOrStart("t", "two", workflow("cart"), ["t"]);
    expect(next.status).toBe("started");
    await resumeHook("t", "checkout");
    expect(await next.run.returnValue).toEqual(["two"]);
  });

  test("what cannot be stored or started is refused, and nothing is written", async () => {
    deploy(CART);
    const world = await openWorld();
    await startEngine({ world });
    const refused = [
      resumeOrStart("", 1, workflow("cart"), []),
      resumeOrStart("x".repeat(513), 1, workflow("cart"), []),
      resumeOrStart("t", () => 1, workflow("cart"), []),
      resumeOrStart("t", 1, workflow("cart"), [() => 1]),
      resumeOrStart("t", 1, (async () => {}) as never, []),
      resumeOrStart("t", 1, workflow("cart"), [], { idempotencyKey: "" }),
    ];
    const codes = await Promise.all(refused.map((call) => call.catch((error: { code: string }) => error.code)));
    expect(codes).toEqual([
      "INVALID_ARGUMENT",
      "INVALID_ARGUMENT",
      "SERIALIZATION_FAILED",
      "SERIALIZATION_FAILED",
      "INVALID_WORKFLOW_FUNCTION",
      "INVALID_ARGUMENT",
    ]);
    expect((await world.runs.list()).data).toEqual([]);
  });
});
