import { deserialize, serialize } from "../serialization/serialize.ts";
import type { Hook } from "../world/entities.ts";
import { HookNotFoundError, WorkflowError } from "../world/errors.ts";
import { workerFor } from "../worker/registry.ts";
import { inFlight } from "./in-flight.ts";
import { hostHandles } from "./run.ts";
import { getWorld } from "./world-access.ts";

/**
 * Resumes the run that waits on a hook (contract 02 section 2.4). Resolves, with the hook, once the payload is
 * durable: from then on it will be delivered exactly once, after those accepted before it, unless the run ends or
 * disposes the hook first. Works in any process that reaches the World, whether or not a worker runs in it.
 * @throws `HookNotFoundError` when no active hook has the token; `SerializationError` when the payload cannot be
 *   stored. Nothing is written then.
 */
export async function resumeHook<Payload = unknown>(tokenOrHook: string | Hook, payload: Payload): Promise<Hook> {
  const token = tokenOf(tokenOrHook, "resumeHook");
  const text = serialize(payload, { what: "hook payload", of: token });
  const world = await getWorld();
  const fact = { type: "hook_received", data: {}, payload: text, at: world.clock.now() } as const;
  const delivery = await inFlight(
    world,
    () => workerFor(world)?.receive(token, fact) ?? world.deliver({ token }, fact),
  );
  if (delivery.status !== "delivered" || delivery.hook === undefined) throw new HookNotFoundError(token);
  return publicHook(delivery.hook);
}

/**
 * The active hook with this token (contract 02 section 2.6). Reading does not reserve it.
 * @throws `HookNotFoundError`
 */
export async function getHookByToken(token: string): Promise<Hook> {
  const checked = tokenOf(token, "getHookByToken");
  return publicHook(await (await getWorld()).hooks.getByToken(checked));
}

function tokenOf(tokenOrHook: unknown, functionName: string): string {
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
  const { metadata, ...hook } = stored;
  let revived: Promise<unknown> | undefined;
  return Object.defineProperty(hook, "metadata", {
    enumerable: false,
    get() {
      revived ??= (async () => (typeof metadata === "string" ? deserialize(metadata, hostHandles) : undefined))();
      return revived;
    },
  });
}
