// The World contract, for backends and tools. `@workflow/world` re-exports this.
export { changed, OWN, requireFilter, requireRoom } from "./world/attributes.ts";
export { systemClock, type Clock } from "./world/clock.ts";
export type * from "./world/entities.ts";
export {
  isRunTerminal,
  PAYLOAD_FIELD,
  type AttributeChange,
  type AttributeWriter,
  type AwaitedEnd,
  type Backoff,
  type EventData,
  type EventType,
  type NewEvent,
  type StaticResponse,
  type Verification,
  type WebhookSettings,
  type Payload,
  type RunErrorCode,
  type StepSettings,
  type StoredEvent,
} from "./world/events.ts";
export { eventIdOf, isRunId, newRunId, newWorkerId, positionOf } from "./world/ids.ts";
export { publicEvent } from "./world/public-event.ts";
export {
  advance,
  emptyState,
  isEnded,
  reduce,
  settingsOf,
  TENANCY,
  type Change,
  type Entities,
  type HookState,
  type RunState,
} from "./world/reduce.ts";
export { isSealed, RuntimeDecryptionError, sealedPayload } from "./world/decryption.ts";
export {
  EntityConflictError,
  LeaseLostError,
  WorkflowError,
  WorkflowRunNotFoundError,
  WorkflowWorldError,
  type ErrorCode,
} from "./world/errors.ts";
export { HookExpiredError, HookNotFoundError } from "./world/hook-errors.ts";
export { noTransactions, refuseTransaction } from "./world/no-transactions.ts";
export { StreamError } from "./world/reserved-errors.ts";
export { StreamExpiredError } from "./world/reserved-errors.ts";
export type * from "./world/offers.ts";
export * from "./world/streams.ts";
export type * from "./world/reads.ts";
export * from "./world/world.ts";
