/** What `workflow` exports for workflow and step bodies, as it is outside the realm. */
import type {
  CancellableOptions,
  Hook,
  HookOptions,
  RequestWithResponse,
  StepMetadata,
  Webhook,
  WebhookOptions,
  WorkflowMetadata,
  WorkflowWritableStreamOptions,
} from "../replay/primitives.ts";
import type { StringValue } from "../world/duration.ts";
import { NotInStepContextError, NotInWorkflowContextError, NotInWorkflowOrStepContextError } from "../world/errors.ts";
import { currentStep } from "../worker/step-context.ts";

/**
 * Waits without consuming anything, for a duration (`"10s"`, milliseconds) or until a date. Only in workflow code
 * (contract 01 section 1.5).
 * @throws `NotInWorkflowContextError`; `WorkflowError` `INVALID_ARGUMENT` for a duration that cannot be read.
 */
export function sleep(duration: StringValue | Date | number): Promise<void>;
export function sleep(): Promise<void> {
  throw new NotInWorkflowContextError("sleep");
}

/**
 * A place to wait for payloads from outside. Only in workflow code (contract 01 section 1.6). Registered when the
 * workflow next waits, before any step called after it starts.
 * @throws `NotInWorkflowContextError`; `WorkflowError` `INVALID_ARGUMENT` for an empty or overlong token;
 *   `SerializationError` for metadata that cannot be stored.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
export function createHook<T = any>(options?: HookOptions): Hook<T>;
export function createHook(): Hook {
  throw new NotInWorkflowContextError("createHook");
}

/**
 * A hook with an address on the web, `webhook.url`: each HTTP request to it is a payload. Only in workflow code (contract
 * 01 section 1.8). Its token is generated, so that only those who were told the address can call it. With
 * `respondWith: "manual"` a step answers each request, by `request.respondWith(response)`.
 * @throws `NotInWorkflowContextError`; `WorkflowError` `INVALID_ARGUMENT` for options that cannot be used;
 *   `SerializationError` for metadata that cannot be stored.
 */
export function createWebhook(
  options: WebhookOptions & { readonly respondWith: "manual" },
): Webhook<RequestWithResponse>;
export function createWebhook(options?: WebhookOptions): Webhook;
export function createWebhook(): Webhook {
  throw new NotInWorkflowContextError("createWebhook");
}

const platformFetch = globalThis.fetch;

/**
 * In workflow code, a step that calls the platform's `fetch` (contract 01 section 1.9): it is retried when there is no
 * answer, 3 times like every step, and resolves with whatever the server answers, also an error status, body included.
 * `globalThis.fetch = fetch` in a workflow function gives it to libraries. Elsewhere it is the platform's `fetch`.
 * @throws as the platform's; in workflow code `SerializationError` for a body larger than a payload can be.
 */
export function fetch(...args: Parameters<typeof globalThis.fetch>): Promise<Response> {
  // Also where a module that both sides share has made it the global one.
  const current = globalThis.fetch === fetch ? platformFetch : globalThis.fetch;
  return current(...args);
}

/**
 * From this call on, cancelling the run does not end it at once: whatever its code waits for rejects with
 * `WorkflowRunCancelledError`, and `catch` and `finally` blocks may call steps, sleep and wait until the code ends, at most
 * for `cleanup`. Steps that were under way are told through their signal and not tried again. The run is cancelled then,
 * whatever the code came to; at once, when the code cannot go on. Only in workflow code.
 * @throws `NotInWorkflowContextError`; `WorkflowError` `INVALID_ARGUMENT` for a duration that cannot be used.
 */
export function cancellable(options?: CancellableOptions): void;
export function cancellable(): void {
  throw new NotInWorkflowContextError("cancellable");
}

/**
 * Ends this execution of the workflow and begins another one with new arguments, in the same run: its id, handles,
 * attributes and streams stay, its history begins anew, and with it the cost of a replay. Hooks keep their tokens:
 * payloads that were not taken are for the next generation's hook with the same token (of generated tokens: made in the
 * same order). Steps that are running finish, and their results are discarded. The code that is deployed at that moment
 * is used from then on. Never resolves; only in workflow code.
 * @throws `NotInWorkflowContextError`; `SerializationError` for arguments that cannot be stored.
 */
export function continueAsNew(...args: readonly unknown[]): Promise<never>;
export function continueAsNew(): never {
  throw new NotInWorkflowContextError("continueAsNew");
}

/**
 * What the running step is (contract 01 section 1.11). In a step that was called by another, that other one.
 * @throws `NotInStepContextError` outside a step body that a workflow called.
 */
export function getStepMetadata(): StepMetadata {
  const context = currentStep();
  if (context === undefined) throw new NotInStepContextError("getStepMetadata");
  return Object.defineProperty({ ...context.step }, "signal", { get: () => context.attempt.signal }) as StepMetadata;
}

/**
 * The step is alive: its attempt has the whole of its `timeout` again, from now on. Nothing where it has none.
 * @throws `NotInStepContextError` outside a step body that a workflow called.
 */
export function heartbeat(): void {
  const context = currentStep();
  if (context === undefined) throw new NotInStepContextError("heartbeat");
  context.attempt.heartbeat();
}

/**
 * The stream of the run whose step is running, or the one of a `namespace` (contract 01 section 1.10). In a step, the same
 * object each time: a write resolves when the chunk was taken, and the step ends when all of them are durable. In
 * workflow code it can only be handed on.
 * @throws `NotInWorkflowOrStepContextError` elsewhere; `WorkflowError` `INVALID_ARGUMENT` for a namespace that cannot be.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
export function getWritable<W = any>(options: WorkflowWritableStreamOptions = {}): WritableStream<W> {
  const context = currentStep();
  if (context === undefined) throw new NotInWorkflowOrStepContextError("getWritable");
  return context.streams.writable(options.namespace);
}

/**
 * Which run this is, in workflow code and in steps (contract 01 section 1.11).
 * @throws `NotInWorkflowOrStepContextError` elsewhere.
 */
export function getWorkflowMetadata(): WorkflowMetadata {
  const context = currentStep();
  if (context === undefined) throw new NotInWorkflowOrStepContextError("getWorkflowMetadata");
  return context.workflow;
}
