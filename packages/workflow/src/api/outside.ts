/** What `workflow` exports for workflow and step bodies, as it is outside the realm. */
import type {
  Hook,
  HookOptions,
  RequestWithResponse,
  StepMetadata,
  Webhook,
  WebhookOptions,
  WorkflowMetadata,
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
 * Which run this is, in workflow code and in steps (contract 01 section 1.11).
 * @throws `NotInWorkflowOrStepContextError` elsewhere.
 */
export function getWorkflowMetadata(): WorkflowMetadata {
  const context = currentStep();
  if (context === undefined) throw new NotInWorkflowOrStepContextError("getWorkflowMetadata");
  return context.workflow;
}
