import { type Departing, release, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { deserialize } from "../serialization/serialize.ts";
import { storedWith } from "../streams/pump.ts";
import type { Hook } from "../world/entities.ts";
import { SerializationError, WorkflowError } from "../world/errors.ts";
import { HoldLimitError, HookNotFoundError } from "../world/hook-errors.ts";
import type { HeldResume, HoldOptions, KeyOptions, ResumedHook, ResumeOptions } from "../world/resume.ts";
import type { Delivery } from "../world/world.ts";
import { forwardAborts } from "../worker/forward-aborts.ts";
import { type Minted, mintingInto } from "../worker/host-signals.ts";
import { deliver } from "./deliver.ts";
import { requireNoStreams } from "./no-streams.ts";
import { deliverOptions } from "./resume-options.ts";
import { loadClasses } from "../worker/load-classes.ts";
import { hostHandles } from "./run.ts";
import { getWorld } from "./world-access.ts";

/**
 * Resumes the run that waits on a hook (contract 02 section 2.4). Resolves, with the hook, once the payload is
 * durable: from then on it will be delivered exactly once, after those accepted before it, unless the run ends or
 * disposes the hook first. Works in any process that reaches the World, whether or not a worker runs in it. With an
 * `idempotencyKey`, calling again is safe whatever became of the call before.
 * @throws `HookNotFoundError` when no active hook has the token; `HoldLimitError` when no more can be held for it;
 *   `SerializationError` when the payload cannot be stored. Nothing is written then. With `tx`, also
 *   `WorkflowWorldError` when the transaction has failed, or is of another database.
 */
export function resumeHook<Payload = unknown>(
  tokenOrHook: string | Hook,
  payload: Payload,
  options: HoldOptions,
): Promise<ResumedHook | HeldResume>;
export function resumeHook<Payload = unknown>(
  tokenOrHook: string | Hook,
  payload: Payload,
  options?: KeyOptions & { readonly hold?: undefined },
): Promise<ResumedHook>;
export function resumeHook<Payload = unknown>(
  tokenOrHook: string | Hook,
  payload: Payload,
  options?: ResumeOptions,
): Promise<ResumedHook | HeldResume>;
export async function resumeHook(
  tokenOrHook: string | Hook,
  payload: unknown,
  options: ResumeOptions = {},
): Promise<ResumedHook | HeldResume> {
  const token = tokenOf(tokenOrHook, "resumeHook");
  const signals: Minted[] = [];
  const departing = await departingTo(token, payload, options, signals);
  const world = await getWorld();
  const now = world.clock.now();
  const fact = { type: "hook_received", data: {}, payload: departing.payload, at: now } as const;
  const delivering = (): Promise<Delivery> => deliver(world, token, fact, deliverOptions(options, now));
  const delivery = await storedWith(world, departing.streams, delivering, receiverOf);
  if (delivery.status === "delivered") forwardAborts(world, signals, delivery.runId);
  if (delivery.status === "held" && !delivery.repeated) forwardAborts(world, signals);
  return outcomeOf(token, delivery, options.hold !== undefined);
}

/** Streams belong to a run; a payload that is held may never come to one. */
async function departingTo(
  token: string,
  payload: unknown,
  { hold, tx }: ResumeOptions,
  signals: Minted[],
): Promise<Departing> {
  const at = { what: "hook payload", of: token } as const;
  const departing = await serializeOutgoing(payload, at, { signals: mintingInto(signals) });
  requireNoStreams(departing.streams, { tx }, `resumeHook() of ${token}`);
  if (hold === undefined || departing.streams.length === 0) return departing;
  release(departing.streams);
  throw new SerializationError(`The hook payload of ${token} cannot be held: it has a stream in it`, {
    hint: "Resume without `hold`, or read the stream first and pass its content",
  });
}

/** The run that has a payload since this call. */
export function receiverOf(delivery: Delivery): string | undefined {
  return delivery.status === "delivered" ? delivery.runId : undefined;
}

function outcomeOf(token: string, delivery: Delivery, mayHold: boolean): ResumedHook | HeldResume {
  switch (delivery.status) {
    case "delivered":
    case "duplicate":
      if (delivery.hook === undefined) throw new HookNotFoundError(token);
      return Object.assign(publicHook(delivery.hook), { status: delivery.status });
    case "held":
      // Without `hold`, the caller waits for a hook; the payload that an earlier call left is not lost.
      if (!mayHold) throw new HookNotFoundError(token);
      return { status: delivery.repeated ? "duplicate" : "held", token, heldUntil: new Date(delivery.until) };
    case "full":
      throw new HoldLimitError(token);
    default:
      throw new HookNotFoundError(token);
  }
}

/**
 * The active hook with this token (contract 02 section 2.6), or one that its ended run retains. Reading does not
 * reserve it.
 * @throws `HookNotFoundError`
 */
export async function getHookByToken(token: string): Promise<Hook> {
  const checked = tokenOf(token, "getHookByToken");
  return publicHook(await (await getWorld()).hooks.getByToken(checked));
}

/** @throws `HookNotFoundError` for a token that no hook can have; `WorkflowError` `INVALID_ARGUMENT` */
export function tokenOf(tokenOrHook: unknown, functionName: string): string {
  const token: unknown =
    typeof tokenOrHook === "object" && tokenOrHook !== null ? Reflect.get(tokenOrHook, "token") : tokenOrHook;
  if (typeof token !== "string") {
    throw new WorkflowError("INVALID_ARGUMENT", `${functionName}() takes the token of a hook, not ${typeof token}`);
  }
  if (token === "") throw new HookNotFoundError(token);
  return token;
}

/** `metadata` becomes a promise of the value, revived once, when first asked for; absent from spreads and JSON. */
function publicHook(stored: Hook): Hook {
  const { metadata, webhook: _, ...hook } = stored;
  let revived: Promise<unknown> | undefined;
  return Object.defineProperty(hook, "metadata", {
    enumerable: false,
    get() {
      revived ??= metadataFrom(metadata);
      return revived;
    },
  });
}

async function metadataFrom(metadata: unknown): Promise<unknown> {
  if (typeof metadata !== "string") return undefined;
  await loadClasses(metadata);
  return deserialize(metadata, hostHandles);
}
