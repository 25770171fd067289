// What Worlds are made of, for packages that bring one. The contract itself is `workflow/world`.
export { parseDuration } from "./world/duration.ts";
export { type Keys, readKeys } from "./payloads/keys.ts";
export { packWhole, unpack } from "./payloads/pack.ts";
export { openBytes, sealBytes } from "./payloads/seal.ts";
export {
  type Draft,
  draftTurn,
  type InboxRow,
  MOST_EVENTS,
  type Move,
  type TokenClaim,
  type TurnInput,
  type Write,
} from "./world-parts/draft.ts";
export {
  type FlatClaim,
  type FlatContinuation,
  type FlatDelivery,
  type FlatEntry,
  type FlatEvent,
  type FlatHook,
  flatten,
  isFindable,
  leaseLost,
  type Outcome,
  type Refusal,
  refuse,
  UNREAD,
} from "./world-parts/flat.ts";
export type { HeldRow } from "./world-parts/held-row.ts";
export { createHints, type Hints, type Peers, type SharedHint } from "./world-parts/hints.ts";
export { keep, type KnownState, stateOf } from "./world-parts/known-state.ts";
export { type Pack, pack as packChunks, packedCount, unpack as unpackChunks } from "./world-parts/packs.ts";
export { pageOf, type Slice, sliceOf } from "./world-parts/page.ts";
export {
  type EventRow,
  type FactRow,
  type HookRow,
  hookOf,
  type RunRow,
  toEvent,
  toFact,
  toHook,
  toRun,
} from "./world-parts/rows.ts";
export { createdAnew } from "./world-parts/next-generation.ts";
export { createStateCache, type StateCache } from "./world-parts/state-cache.ts";
export type { Open } from "./world-parts/stored.ts";
export { systemHooksIn } from "./world-parts/system-hooks.ts";
export { type Holder, STATE } from "./world-parts/tokens.ts";
export { type Wait, type Watch, watch } from "./world-parts/watch.ts";
