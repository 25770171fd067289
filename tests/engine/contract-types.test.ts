// What the contract says about types. Nothing happens here: it is `npm run typecheck` that fails.
import { expectTypeOf, test } from "vitest";
import {
  createHook,
  type Hook as WorkflowHook,
  type HookOptions,
  sleep,
  type TypedHook,
  type WebhookOptions,
} from "workflow";
import {
  type getHookByToken,
  type Hook,
  type ResumedHook,
  resumeHook,
  type resumeWebhook,
  type Run,
} from "workflow/api";

interface Approval {
  approved: boolean;
}

test("01 1.6: a hook that nobody gave a type takes payloads unchecked", () => {
  const unchecked = () => createHook();
  expectTypeOf<Awaited<ReturnType<typeof unchecked>>>().toBeAny();
  const checked = () => createHook<Approval>();
  expectTypeOf<Awaited<ReturnType<typeof checked>>>().toEqualTypeOf<Approval>();
});

test("01 1.6: a race of a hook and a sleep may come to nothing", () => {
  const race = () => Promise.race([createHook<Approval>(), sleep("1d")]);
  expectTypeOf(race).returns.resolves.toEqualTypeOf<Approval | void>();
  const both = () => Promise.all([createHook<Approval>(), createHook<string>()]);
  expectTypeOf(both).returns.resolves.toEqualTypeOf<[Approval, string]>();
});

test("01 1.6: getConflict gives a Run, or null", () => {
  expectTypeOf<Awaited<ReturnType<WorkflowHook["getConflict"]>>>().toExtend<Run<unknown> | null>();
});

test("01 1.6, 1.8: every option may be undefined, whatever exactOptionalPropertyTypes says", () => {
  expectTypeOf<{ [K in keyof HookOptions]-?: undefined }>().toExtend<HookOptions>();
  expectTypeOf<{ [K in keyof WebhookOptions]-?: undefined }>().toExtend<WebhookOptions>();
});

test("01 1.7: a typed hook resumes by its input and gives its output", () => {
  expectTypeOf<TypedHook.Input<TypedHook<Approval, number>>>().toEqualTypeOf<Approval>();
  expectTypeOf<TypedHook<Approval, number>["create"]>().returns.toEqualTypeOf<WorkflowHook<number>>();
  expectTypeOf<TypedHook<Approval>["resume"]>().toExtend<(token: string, payload: Approval) => Promise<Hook>>();
});

test("02 2.4 to 2.6: resuming and looking up", () => {
  expectTypeOf(resumeHook).toExtend<(token: string, payload: Approval) => Promise<Hook>>();
  expectTypeOf(resumeHook).toExtend<<T>(tokenOrHook: string | Hook, payload: T) => Promise<ResumedHook>>();
  expectTypeOf<typeof resumeWebhook>().toEqualTypeOf<(token: string, request: Request) => Promise<Response>>();
  expectTypeOf<typeof getHookByToken>().toEqualTypeOf<(token: string) => Promise<Hook>>();
});
