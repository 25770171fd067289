// `defineHook` with schemas as users write them (contract 01 section 1.7).
import { type } from "arktype";
import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import { defineHook, type Hook, type TypedHook } from "workflow";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowError } from "workflow/errors";
import type { World } from "workflow/world";
import * as z from "zod";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** Each takes `{ order: { total: "12.5" } }` and makes a number of the total. */
const SCHEMAS = {
  zod: defineHook({
    schema: z.object({
      order: z.object({
        total: z
          .string()
          .regex(/^[\d.]+$/)
          .transform(Number),
      }),
    }),
  }),
  valibot: defineHook({
    schema: v.object({ order: v.object({ total: v.pipe(v.string(), v.decimal(), v.transform(Number)) }) }),
  }),
  arktype: defineHook({ schema: type({ order: { total: "string.numeric.parse" } }) }),
};

const known = async (email: string): Promise<boolean> => {
  await new Promise((resolve) => setImmediate(resolve));
  return email.startsWith("ada@");
};

/** Both look the address up before they accept it. */
const ASYNC_SCHEMAS = {
  zod: defineHook({ schema: z.object({ email: z.string().refine(known, "nobody we know") }) }),
  valibot: defineHook({
    schema: v.objectAsync({ email: v.pipeAsync(v.string(), v.checkAsync(known, "nobody we know")) }),
  }),
};

describeEngine("defineHook", ({ openWorld, startEngine }) => {
  /** A run that waits on the hook "typed" and returns what it gets. */
  async function waitingRun(): Promise<{ readonly world: World; readonly runId: string; result(): Promise<unknown> }> {
    deploy(
      realmCode([], `const typed = defineHook(); workflow("main", async () => typed.create({ token: "typed" }));`),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    return { world, runId: run.runId, result: () => run.returnValue };
  }

  async function expectNothingWritten(world: World, runId: string): Promise<void> {
    expect(await eventTypes(world, runId)).toEqual(["run_created", "run_started", "hook_created"]);
    expect((await world.read(runId, 0)).inbox).toEqual([]);
    expect(await world.hooks.getByToken("typed")).toMatchObject({ runId });
  }

  test.each(Object.entries(SCHEMAS))(
    "the workflow gets what a schema of %s makes of the payload [01-1.7.schema] [01-1.7.both-sides]",
    async (_, hook) => {
      const { runId, result } = await waitingRun();
      expect(await hook.resume("typed", { order: { total: "12.5" } })).toMatchObject({ runId, token: "typed" });
      expect(await result()).toEqual({ order: { total: 12.5 } });
    },
  );

  test.each(Object.entries(SCHEMAS))(
    "%s refuses a payload: nothing is written, the hook waits [01-1.7.refused]",
    async (_, hook) => {
      const { world, runId, result } = await waitingRun();
      const error: unknown = await hook
        .resume("typed", { order: { total: "much" } })
        .catch((reason: unknown) => reason);
      expect(WorkflowError.is(error)).toBe(true);
      expect(error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/hook "typed" is not valid, nothing was delivered: order\.total: /),
      });
      expect(Array.from((error as WorkflowError).cause as object[])).toMatchObject([{ message: expect.any(String) }]);
      await expectNothingWritten(world, runId);
      await hook.resume("typed", { order: { total: "1" } });
      expect(await result()).toEqual({ order: { total: 1 } });
    },
  );

  test.each(Object.entries(ASYNC_SCHEMAS))("%s may take its time to decide [01-1.7.schema]", async (_, hook) => {
    const { world, runId, result } = await waitingRun();
    await expect(hook.resume("typed", { email: "eve@example.com" })).rejects.toThrow("email: nobody we know");
    await expectNothingWritten(world, runId);
    await hook.resume("typed", { email: "ada@example.com" });
    expect(await result()).toEqual({ email: "ada@example.com" });
  });

  test.each([
    [
      "throws",
      () => {
        throw new RangeError("the lookup failed");
      },
    ],
    ["rejects", () => Promise.reject(new RangeError("the lookup failed"))],
  ])("a validator that %s: its error is the caller's, nothing is written, the hook waits", async (_, validate) => {
    const hook = defineHook<string>({ schema: { "~standard": { version: 1, vendor: "test", validate } } });
    const { world, runId, result } = await waitingRun();
    await expect(hook.resume("typed", "x")).rejects.toThrow(new RangeError("the lookup failed"));
    await expectNothingWritten(world, runId);
    await resumeHook("typed", "without a schema");
    expect(await result()).toBe("without a schema");
  });

  test("all issues are named, those of the whole payload without a path", async () => {
    const hook = defineHook({
      schema: z
        .object({ from: z.number(), ["to"]: z.array(z.number()) })
        .refine(({ from }) => from < 9, { message: "too late" }),
    });
    const wrong = { from: "1", to: [1, "2"] } as unknown as TypedHook.Input<typeof hook>;
    await expect(hook.resume("any", wrong)).rejects.toThrow(/delivered: from: .*; to\.1: /);
    await expect(hook.resume("any", { from: 10, to: [] })).rejects.toThrow("delivered: too late");
  });

  test("a valid payload for a token that nobody has: HookNotFoundError [01-1.7.unknown]", async () => {
    const { world, runId } = await waitingRun();
    await expect(SCHEMAS.zod.resume("other", { order: { total: "1" } })).rejects.toThrow(HookNotFoundError);
    await expectNothingWritten(world, runId);
  });

  test("what a schema makes of a payload must be storable", async () => {
    const hook = defineHook({ schema: z.string().transform((text) => () => text) });
    const { world, runId } = await waitingRun();
    await expect(hook.resume("typed", "x")).rejects.toThrow("SERIALIZATION_FAILED");
    await expectNothingWritten(world, runId);
  });

  test("what JSON has no form for goes from the schema to the workflow", async () => {
    const hook = defineHook({
      schema: z.array(z.tuple([z.string(), z.coerce.date()])).transform((all) => new Map(all)),
    });
    const { result } = await waitingRun();
    await hook.resume("typed", [["due", "2026-11-24"]]);
    expect(await result()).toEqual(new Map([["due", new Date("2026-11-24")]]));
  });

  test("create works in workflow code only, resume outside it only [01-1.7.context]", async () => {
    expect(() => SCHEMAS.zod.create()).toThrow("CONTEXT_VIOLATION");
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { try { defineHook().resume("typed", 1); } catch (error) { return error.name; } });`,
      ),
    );
    await startEngine({ world: await openWorld() });
    expect(await (await start(workflow("main"))).returnValue).toBe("UnavailableInWorkflowContextError");
  });
});

test("resume takes the schema's input, create gives hooks of its output [01-1.7.types]", () => {
  interface In {
    order: { total: string };
  }
  interface Out {
    order: { total: number };
  }
  expectTypeOf<TypedHook.Input<typeof SCHEMAS.zod>>().toEqualTypeOf<In>();
  expectTypeOf<TypedHook.Input<typeof SCHEMAS.valibot>>().toEqualTypeOf<In>();
  expectTypeOf<TypedHook.Input<typeof SCHEMAS.arktype>>().toEqualTypeOf<In>();
  expectTypeOf(SCHEMAS.zod.create).returns.toEqualTypeOf<Hook<Out>>();
  expectTypeOf(SCHEMAS.valibot.create).returns.toEqualTypeOf<Hook<Out>>();
  expectTypeOf(SCHEMAS.arktype.create).returns.toEqualTypeOf<Hook<Out>>();

  const plain = defineHook<{ ok: boolean }>();
  expectTypeOf<TypedHook.Input<typeof plain>>().toEqualTypeOf<{ ok: boolean }>();
  expectTypeOf(plain).toEqualTypeOf<TypedHook<{ ok: boolean }>>();
  expectTypeOf(plain.create).returns.resolves.toEqualTypeOf<{ ok: boolean }>();
  // @ts-expect-error the input is text
  expectTypeOf(SCHEMAS.zod.resume).toBeCallableWith("token", { order: { total: 1 } });
});
