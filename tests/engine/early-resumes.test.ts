import { createTestClock, withFaults } from "@workflow/world/testkit";
import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { HoldLimitError, HookNotFoundError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const TAKE = realmCode(
  [],
  `workflow("take", async (token, count) => {
    const hook = createHook({ token });
    const seen = [];
    while (seen.length < count) seen.push(await hook);
    return seen;
  });
  workflow("leave", async (token) => { const hook = createHook({ token }); await hook.getConflict(); return "gone"; });`,
);

const MINUTE = 60_000;

describeEngine("early resumes (I5)", ({ openWorld, startEngine }) => {
  test("payloads that came before the hook go to the first run that claims the token, in their order", async () => {
    deploy(TAKE);
    const world = await openWorld();
    await startEngine({ world });
    const held = await resumeHook("t", 1, { hold: "10m" });
    expect(held).toEqual({ status: "held", token: "t", heldUntil: expect.any(Date) });
    expect(held.runId).toBeUndefined();
    await resumeHook("t", 2, { hold: "10m" });
    const run = await start(workflow("take"), ["t", 3]);
    await untilEvent(world, run.runId, "hook_created");
    expect(await resumeHook("t", 3, { hold: "10m" })).toMatchObject({ status: "delivered", runId: run.runId });
    expect(await run.returnValue).toEqual([1, 2, 3]);
    expect((await world.held.list()).data).toEqual([]);
  });

  test("each goes to one run only", async () => {
    deploy(TAKE);
    const world = await openWorld();
    await startEngine({ world });
    await resumeHook("t", "early", { hold: "10m" });
    const first = await start(workflow("take"), ["t", 1]);
    expect(await first.returnValue).toEqual(["early"]);
    const second = await start(workflow("take"), ["t", 1]);
    await untilEvent(world, second.runId, "hook_created");
    await resumeHook("t", "late");
    expect(await second.returnValue).toEqual(["late"]);
  });

  test("after its time a payload is dropped, and listed as such", async () => {
    deploy(TAKE);
    const clock = createTestClock();
    const world = await openWorld(clock);
    await startEngine({ world });
    await resumeHook("t", "early", { hold: "10m", idempotencyKey: "k" });
    await resumeHook("t", "patient", { hold: "1h" });
    const [patient, early] = (await world.held.list({ token: "t" })).data;
    expect(early).toMatchObject({ status: "held", token: "t", idempotencyKey: "k", size: early?.payload?.length });
    expect(early?.heldUntil.getTime()).toBe(clock.now() + 10 * MINUTE);
    clock.advance(10 * MINUTE);
    expect((await world.held.list()).data).toEqual([patient, { ...early, status: "dropped" }]);
    expect((await world.held.list({ resolveData: "none" })).data[0]).not.toHaveProperty("payload");
    expect((await world.held.list({ token: "other" })).data).toEqual([]);
    const run = await start(workflow("take"), ["t", 1]);
    await clock.advanceSettled(0);
    expect(await run.returnValue).toEqual(["patient"]);
    expect((await world.held.list()).data).toEqual([{ ...early, status: "dropped" }]);
    // It was never delivered, so it can be sent again.
    expect(await resumeHook("t", "early", { hold: "10m", idempotencyKey: "k" })).toMatchObject({ status: "held" });
    clock.advance(8 * 24 * 60 * MINUTE);
    expect((await world.held.list()).data).toEqual([]);
  });

  test("with a key it is held once, and delivered once", async () => {
    deploy(TAKE);
    const world = await openWorld();
    await startEngine({ world });
    const send = (): ReturnType<typeof resumeHook> => resumeHook("t", "x", { hold: "10m", idempotencyKey: "k" });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.filter(({ status }) => status === "held")).toHaveLength(1);
    expect(answers.filter(({ status }) => status === "duplicate")).toHaveLength(19);
    expect(new Set(answers.map((answer) => JSON.stringify({ ...answer, status: "" }))).size).toBe(1);
    await expect(resumeHook("t", "x", { idempotencyKey: "k" })).rejects.toSatisfy(HookNotFoundError.is);
    const run = await start(workflow("take"), ["t", 2]);
    await untilEvent(world, run.runId, "hook_received");
    expect(await send()).toMatchObject({ status: "duplicate", runId: run.runId });
    await resumeHook("t", "y");
    expect(await run.returnValue).toEqual(["x", "y"]);
  });

  test("what is held for a token has a limit, which says what to do; nothing is written then", async () => {
    deploy(TAKE);
    const world = await openWorld();
    await startEngine({ world });
    const big = "x".repeat(8_000_000);
    for (let n = 0; n < 4; n += 1) await resumeHook("t", big, { hold: "10m" });
    const refused = await resumeHook("t", big, { hold: "10m" }).catch((error: unknown) => error);
    expect(HoldLimitError.is(refused) && refused.message).toMatch(/"t".*inspect held/);
    expect((await world.held.list({ resolveData: "none" })).data).toHaveLength(4);
    await resumeHook("another", big, { hold: "10m" });
  });

  test("a run that claims the token and ends at once leaves them in its history, undelivered", async () => {
    deploy(TAKE);
    const world = await openWorld();
    await startEngine({ world });
    await resumeHook("t", "early", { hold: "10m" });
    const run = await start(workflow("leave"), ["t"]);
    expect(await run.returnValue).toBe("gone");
    expect(await eventTypes(world, run.runId)).toContain("hook_received");
    expect((await world.held.list()).data).toEqual([]);
  });

  test("without a hold, and with one that cannot be, nothing is held", async () => {
    const world = await openWorld();
    await startEngine({ world });
    await expect(resumeHook("t", 1)).rejects.toSatisfy(HookNotFoundError.is);
    for (const hold of ["soon" as never, 0, -1, Number.NaN, "31 days", new Date(0), null as never] as const) {
      await expect(resumeHook("t", 1, { hold })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    await expect(resumeHook("", 1, { hold: "10m" })).rejects.toSatisfy(HookNotFoundError.is);
    expect((await world.held.list()).data).toEqual([]);
  });

  test("a payload is held also when its hook is given up while it is on its way to the run", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          const go = createHook({ token: "go" });
          await go; hook.dispose(); await go;
        });`,
      ),
    );
    const raw = await openWorld();
    const writing = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    let holding = false;
    const world = withFaults(raw, async ({ write, phase }) => {
      if (!holding || write !== "commit" || phase !== "before") return;
      writing.resolve();
      await written.promise;
    });
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created", 2);
    holding = true;
    const went = resumeHook("go", 1);
    await writing.promise;
    const sent = resumeHook("t", "early", { hold: "10m" });
    written.resolve();
    await went;
    expect(await sent).toMatchObject({ status: "held", token: "t" });
    expect((await world.held.list()).data).toHaveLength(1);
  });
});
