// What `setAttributes` and the attributes of `start` promise (contract 01 section 1.13, 02 section 2.1).
import { expect, test } from "vitest";
import { FatalError, setAttributes } from "workflow";
import { resumeHook, start } from "workflow/api";
import type { Event, World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";

async function writesOf(world: World, runId: string): Promise<readonly Event[]> {
  const { data } = await world.events.list({ runId, pagination: { limit: 1000 } });
  return data.filter((event) => event.eventType === "attr_set");
}

/** Runs a workflow body to its end, whichever that is. */
async function runBody(body: string, steps: Parameters<typeof deploy>[1] = {}): Promise<string> {
  deploy(realmCode(Object.keys(steps), `workflow("main", async () => { ${body} });`), steps);
  const run = await start(workflow("main"), []);
  await run.returnValue.catch(() => {});
  return run.runId;
}

/** What a workflow body gets when it catches what `setAttributes(...args)` throws. */
const CATCHING = `const caught = async (...args) => {
  try { await setAttributes(...args); return "nothing"; }
  catch (error) { return [FatalError.is(error), error.name, error.message]; }
};`;

const many = (count: number, value = "v"): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));

describeEngine("attributes", ({ openWorld, startEngine }) => {
  test("workflow code sets, changes and removes them, in the order of the calls [05-5.3] [01-1.13.merge] [01-1.13.body] [01-1.13.order] [07-7.15.attributes]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const runId = await runBody(
      `await setAttributes({ plan: "free", region: "eu" });
       await setAttributes({ plan: "pro", region: undefined });
       await setAttributes({});`,
    );
    expect((await world.runs.get(runId)).attributes).toEqual({ plan: "pro" });
    const writes = await writesOf(world, runId);
    expect(writes.map(({ correlationId, eventData }) => [correlationId?.slice(0, 5), eventData])).toEqual([
      [
        "attr_",
        {
          changes: [
            { key: "plan", value: "free" },
            { key: "region", value: "eu" },
          ],
          writer: { type: "workflow" },
        },
      ],
      [
        "attr_",
        {
          changes: [
            { key: "plan", value: "pro" },
            { key: "region", value: null },
          ],
          writer: { type: "workflow" },
        },
      ],
    ]);
    expect(new Set(writes.map(({ correlationId }) => correlationId)).size).toBe(2);
  });

  test("a write that nobody waits for is there before the end, also when the body throws [01-1.13.drained] [07-7.8.attributes]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const types = ["run_created", "run_started", "attr_set"];
    const done = await runBody(`void setAttributes({ last: "word" });`);
    expect(await eventTypes(world, done)).toEqual([...types, "run_completed"]);
    const broken = await runBody(`void setAttributes({ last: "word" }); throw new Error("broken");`);
    expect(await eventTypes(world, broken)).toEqual([...types, "run_failed"]);
    expect((await world.runs.get(broken)).attributes).toEqual({ last: "word" });
  });

  test("what cannot be an attribute rejects with FatalError, and nothing is written [01-1.13.limits] [01-1.13.reserved]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          ${CATCHING}
          const wide = "\\u{1F600}".repeat(64);
          return [
            await caught({ "": "v" }), await caught({ ["k".repeat(257)]: "v" }), await caught({ k: wide + "x" }),
            await caught({ k: "v".repeat(257) }), await caught({ k: 1 }), await caught({ k: null }),
            await caught({ $k: "v" }), await caught({ "\\ud800": "v" }), await caught({ k: "\\udc00" }),
            await caught(null), await caught(new Map([["k", "v"]])), await caught([["k", "v"]]),
            await caught(Object.fromEntries(Array.from({ length: 33 }, (_, n) => ["k" + n, "v".repeat(256)]))),
            await caught({ k: wide, ["k".repeat(256)]: "v".repeat(256) }),
            await caught({ $k: "v" }, { allowReservedAttributes: true }),
          ];
        });`,
      ),
    );
    const run = await start<unknown[]>(workflow("main"));
    const results = await run.returnValue;
    const refused = results.slice(0, 13) as [boolean, string, string][];
    for (const one of refused) expect(one.slice(0, 2)).toEqual([true, "FatalError"]);
    const messages = refused.map(([, , message]) => message);
    expect(messages[1]).toMatch(/"k{64}\.\.\."/);
    expect(messages[6]).toMatch(/allowReservedAttributes/);
    expect(messages[12]).toMatch(/8192 bytes/);
    expect(results.slice(13)).toEqual(["nothing", "nothing"]);
    expect(await writesOf(world, run.runId)).toHaveLength(2);
    const { attributes } = await world.runs.get(run.runId);
    expect(Object.keys(attributes).toSorted()).toEqual(["$k", "k", "k".repeat(256)]);
  });

  test("one attribute too many fails the run with a FatalError [01-1.13.limits]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const runId = await runBody(
      `await setAttributes(${JSON.stringify(many(64))});
       await setAttributes({ k0: "again", k1: undefined, extra: "v" });
       await setAttributes({ more: "v" });
       await setAttributes({ never: "v" });`,
    );
    const run = await world.runs.get(runId);
    expect(run).toMatchObject({ status: "failed", errorCode: "USER_ERROR" });
    expect(run.error).toContain("at most 64 attributes");
    expect(run.error).toContain("FatalError");
    expect(Object.keys(run.attributes)).toHaveLength(64);
    expect(run.attributes).toMatchObject({ k0: "again", extra: "v" });
    expect(await writesOf(world, runId)).toHaveLength(2);
  });

  test("a step's write is durable when it resolves, and enters the history with its writer [05-5.3] [01-1.13.step]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    let seen: unknown;
    const runId = await runBody(`await setAttributes({ a: "workflow", b: "workflow" }); await work();`, {
      work: async () => {
        await setAttributes({ a: "step", c: "step", b: undefined });
        await setAttributes({});
        const [run] = (await world.runs.list()).data;
        const { history, inbox } = await world.read(run?.runId ?? "", 0);
        seen = [...history, ...inbox.map(({ event }) => event)].filter(({ type }) => type === "attr_set").length;
      },
    });
    expect(seen).toBe(2);
    expect((await world.runs.get(runId)).attributes).toEqual({ a: "step", c: "step" });
    const [, write] = await writesOf(world, runId);
    const [step] = (await world.steps.list({ runId })).data;
    expect(write).not.toHaveProperty("correlationId");
    expect(write?.eventData).toMatchObject({ writer: { type: "step", stepId: step?.stepId, attempt: 1 } });
    expect((await eventTypes(world, runId)).slice(-3)).toEqual(["attr_set", "step_completed", "run_completed"]);
  });

  test("a step gets FatalError for what cannot be, and no second attempt [01-1.13.limits]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    let attempts = 0;
    const runId = await runBody(`await setAttributes(${JSON.stringify(many(64))}); await work();`, {
      work: async () => {
        attempts += 1;
        await expect(setAttributes({ $k: "v" })).rejects.toSatisfy(FatalError.is);
        await expect(setAttributes({ k: "v".repeat(257) })).rejects.toThrow(FatalError);
        await setAttributes({ k64: "v" });
      },
    });
    expect(attempts).toBe(1);
    const run = await world.runs.get(runId);
    expect(run).toMatchObject({ status: "failed", errorCode: "USER_ERROR" });
    expect(run.error).toContain("at most 64 attributes");
    expect(Object.keys(run.attributes)).toHaveLength(64);
  });

  test("writes of a step that waited when the run ended are in its history [01-1.13] [07-7.15]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const written = Promise.withResolvers<void>();
    deploy(realmCode(["work"], `workflow("main", async () => { void work(); await createHook({ token: "end" }); });`), {
      work: () => setAttributes({ from: "step" }).then(() => written.resolve()),
    });
    const run = await start(workflow("main"));
    await written.promise;
    await run.cancel();
    expect(await world.runs.get(run.runId)).toMatchObject({ status: "cancelled", attributes: { from: "step" } });
  });

  test("a step of a run that has ended can set nothing any more [05-5.5]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const result = Promise.withResolvers<unknown>();
    deploy(realmCode(["work"], `workflow("main", async () => work());`), {
      work: async () => {
        begun.resolve();
        await ended.promise;
        result.resolve(await setAttributes({ late: "v" }).catch((error: unknown) => error));
      },
    });
    const run = await start(workflow("main"));
    await begun.promise;
    await run.cancel();
    ended.resolve();
    expect(await result.promise).toMatchObject({
      name: "RunExpiredError",
      code: "RUN_EXPIRED",
      runId: run.runId,
      runStatus: "cancelled",
    });
    expect((await world.runs.get(run.runId)).attributes).toEqual({});
  });

  test("outside of runs setAttributes throws FatalError [01-1.13.where] [03-3.4.either]", async () => {
    await expect(setAttributes({ k: "v" })).rejects.toThrow(FatalError);
  });

  test("a replay asks for the same attributes [07-7.6]", async () => {
    const world = await openWorld();
    const body = `await setAttributes({ stage: "one" });
      const hook = createHook({ token: "go" });
      await hook; await setAttributes({ stage: "two" }); await work();`;
    deploy(realmCode(["work"], `workflow("main", async () => { ${body} });`), {
      work: () => setAttributes({ step: "done" }),
    });
    const first = await startEngine({ world });
    const run = await start(workflow("main"));
    await expect.poll(async () => (await world.hooks.list()).data).toHaveLength(1);
    await first.stop();
    const { problems } = await startEngine({ world });
    await resumeHook("go", null);
    await run.returnValue;
    expect(problems).toEqual([]);
    expect((await world.runs.get(run.runId)).attributes).toEqual({ stage: "two", step: "done" });
    expect(await writesOf(world, run.runId)).toHaveLength(3);
  });

  test("those of start are there from creation on, and runs are found by them [02-2.1.attributes]", async () => {
    deploy(realmCode([], `workflow("main", async () => 1);`));
    const world = await openWorld();
    const pro = await start(workflow("main"), {
      world,
      attributes: { plan: "pro", $own: "x" },
      allowReservedAttributes: true,
    });
    const free = await start(workflow("main"), [], { world, attributes: { plan: "free" } });
    expect(await world.runs.get(pro.runId)).toMatchObject({
      status: "pending",
      attributes: { plan: "pro", $own: "x" },
    });
    const found = await world.runs.list({ attributes: { plan: "free" } });
    expect(found.data.map(({ runId }) => runId)).toEqual([free.runId]);
  });

  test("start refuses what cannot be an attribute, and creates no run [02-2.1.attributes] [02-2.1.reserved]", async () => {
    deploy(realmCode([], `workflow("main", async () => 1);`));
    const world = await openWorld();
    for (const attributes of [
      { $k: "v" },
      { k: "v".repeat(257) },
      many(65),
      many(40, "v".repeat(256)),
      { k: 1 as never },
    ]) {
      await expect(start(workflow("main"), { world, attributes })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect((await world.runs.list()).data).toEqual([]);
    const { runId } = await start(workflow("main"), { world, attributes: many(64) });
    expect(Object.keys((await world.runs.get(runId)).attributes)).toHaveLength(64);
  });
});
