// What the contract says about types. Nothing happens here: it is `npm run typecheck` that fails.
import { expectTypeOf, test } from "vitest";
import {
  type BackoffOptions,
  createHook,
  getStepMetadata,
  type heartbeat,
  type Hook as WorkflowHook,
  type HookOptions,
  type SetAttributesOptions,
  setAttributes,
  sleep,
  type StepMetadata,
  type StepOptions,
  type TypedHook,
  type WebhookOptions,
  type WorkflowMetadata,
} from "workflow";
import {
  type getHookByToken,
  type Hook,
  type ResumedHook,
  resumeHook,
  type resumeWebhook,
  type CancelRunOptions,
  type Event,
  type Run,
  start,
  type StartOptions,
  type StopSleepOptions,
  type StopSleepResult,
  type WorkflowFunction,
  type WorkflowReadableStream,
  type WorkflowRun,
} from "workflow/api";

interface Approval {
  approved: boolean;
}

test("a hook that nobody gave a type takes payloads unchecked [01-1.6.types]", () => {
  const unchecked = () => createHook();
  expectTypeOf<Awaited<ReturnType<typeof unchecked>>>().toBeAny();
  const checked = () => createHook<Approval>();
  expectTypeOf<Awaited<ReturnType<typeof checked>>>().toEqualTypeOf<Approval>();
});

test("a race of a hook and a sleep may come to nothing [01-1.6.types]", () => {
  const race = () => Promise.race([createHook<Approval>(), sleep("1d")]);
  expectTypeOf(race).returns.resolves.toEqualTypeOf<Approval | void>();
  const both = () => Promise.all([createHook<Approval>(), createHook<string>()]);
  expectTypeOf(both).returns.resolves.toEqualTypeOf<[Approval, string]>();
});

test("chunks of a stream that nobody gave a type are unchecked, inside a run and outside [02-2.3.readable]", () => {
  expectTypeOf<WorkflowReadableStream>().toExtend<ReadableStream<string>>();
  const read = (run: Run) => run.getReadable();
  expectTypeOf(read).returns.toExtend<ReadableStream<string>>();
  const write = (run: Run) => run.getWritable();
  expectTypeOf(write).returns.toEqualTypeOf<Run["writable"]>();
  const decoded = (run: Run) => run.readable.pipeThrough(new TextDecoderStream());
  expectTypeOf(decoded).returns.toEqualTypeOf<ReadableStream<string>>();
});

test("getConflict gives a Run, or null [01-1.6.types]", () => {
  expectTypeOf<Awaited<ReturnType<WorkflowHook["getConflict"]>>>().toExtend<Run<unknown> | null>();
});

test("every option may be undefined, whatever exactOptionalPropertyTypes says [01-1.6.types]", () => {
  expectTypeOf<{ [K in keyof HookOptions]-?: undefined }>().toExtend<HookOptions>();
  expectTypeOf<{ [K in keyof WebhookOptions]-?: undefined }>().toExtend<WebhookOptions>();
});

test("a typed hook resumes by its input and gives its output [01-1.7.types]", () => {
  expectTypeOf<TypedHook.Input<TypedHook<Approval, number>>>().toEqualTypeOf<Approval>();
  expectTypeOf<TypedHook<Approval, number>["create"]>().returns.toEqualTypeOf<WorkflowHook<number>>();
  expectTypeOf<TypedHook<Approval>["resume"]>().toExtend<(token: string, payload: Approval) => Promise<Hook>>();
});

test("resuming and looking up", () => {
  expectTypeOf(resumeHook).toExtend<(token: string, payload: Approval) => Promise<Hook>>();
  expectTypeOf(resumeHook).toExtend<<T>(tokenOrHook: string | Hook, payload: T) => Promise<ResumedHook>>();
  expectTypeOf<typeof resumeWebhook>().toEqualTypeOf<(token: string, request: Request) => Promise<Response>>();
  expectTypeOf<typeof getHookByToken>().toEqualTypeOf<(token: string) => Promise<Hook>>();
});

test("options are assigned to step functions of both kinds [01-1.2]", () => {
  async function charge(cents: number): Promise<number> {
    "use step";
    return cents;
  }
  charge.maxRetries = 5;
  charge.timeout = "30s" satisfies StepOptions["timeout"];
  charge.backoff = { initial: "1s", factor: 2, max: 60_000 } satisfies StepOptions["backoff"];
  const remind = async (): Promise<void> => {
    "use step";
  };
  remind.idempotent = false;
  expectTypeOf(charge.maxRetries).toExtend<StepOptions["maxRetries"]>();
  expectTypeOf(remind.idempotent).toExtend<StepOptions["idempotent"]>();
  expectTypeOf<{ [K in keyof StepOptions]-?: undefined }>().toExtend<StepOptions>();
  expectTypeOf<{ [K in keyof BackoffOptions]-?: undefined }>().toExtend<BackoffOptions>();
  expectTypeOf<{ timeout: "soon" }>().not.toExtend<StepOptions>();
});

test("what a step knows of itself [01-1.11]", () => {
  expectTypeOf(getStepMetadata).returns.toEqualTypeOf<StepMetadata>();
  expectTypeOf<StepMetadata>().toExtend<{ stepName: string; stepId: string; stepStartedAt: Date; attempt: number }>();
  expectTypeOf<StepMetadata["signal"]>().toEqualTypeOf<AbortSignal>();
  expectTypeOf<typeof heartbeat>().toEqualTypeOf<() => void>();
});

test("a run that is started has the types of its workflow, unless another deployment is named [02-2.1]", () => {
  const order = async (id: string, count: number): Promise<boolean> => id.length > count;
  expectTypeOf(order).toExtend<WorkflowFunction<[string, number], boolean>>();
  const known = () => start(order, ["a", 1], { attributes: { plan: "pro" } });
  expectTypeOf(known).returns.resolves.toEqualTypeOf<Run<boolean>>();
  const bare = () => start(async () => 1, { region: "fra1" });
  expectTypeOf(bare).returns.resolves.toEqualTypeOf<Run<number>>();
  const unknown = () => start(order, [1, 2, 3], { deploymentId: "latest" });
  expectTypeOf(unknown).returns.resolves.toEqualTypeOf<Run<unknown>>();
  const alone = () => start(order, { deploymentId: "dpl_1" });
  expectTypeOf(alone).returns.resolves.toEqualTypeOf<Run<unknown>>();
  // @ts-expect-error -- the arguments of the workflow are checked
  const wrong = () => start(order, [1, 2, 3]);
  expectTypeOf(wrong).toBeFunction();
  expectTypeOf<{ experimental_retention: 0 | "default" }>().toExtend<StartOptions>();
});

test("options and results of runs [01-1.11] [01-1.13] [02-2.3]", () => {
  expectTypeOf<CancelRunOptions>().toEqualTypeOf<{ readonly cancelReason?: string }>();
  expectTypeOf<{ correlationIds: string[]; namespace: string }>().toExtend<StopSleepOptions>();
  expectTypeOf<StopSleepResult>().toEqualTypeOf<{ readonly stoppedCount: number }>();
  expectTypeOf<WorkflowRun["expiredAt"]>().toEqualTypeOf<Date | undefined>();
  expectTypeOf<Event["createdAt"]>().toEqualTypeOf<Date>();
  expectTypeOf<StepMetadata["attempt"]>().toEqualTypeOf<number>();
  expectTypeOf<WorkflowMetadata["workflowStartedAt"]>().toEqualTypeOf<Date>();
  expectTypeOf(setAttributes).toExtend<
    (attributes: Record<string, string | undefined>, options?: SetAttributesOptions) => Promise<void>
  >();
});
