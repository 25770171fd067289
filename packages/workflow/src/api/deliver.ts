import { workerFor } from "../worker/registry.ts";
import type { NewEvent } from "../world/events.ts";
import type { DeliverOptions, Delivery, World } from "../world/world.ts";
import { inFlight } from "./in-flight.ts";

/** Gives a payload to whoever has the token: a run that is live in this process by the short way, others by the World. */
export function deliver(
  world: World,
  token: string,
  fact: NewEvent<"hook_received">,
  options: DeliverOptions,
): Promise<Delivery> {
  return inFlight(world, () => receive(world, token, fact, options) ?? world.deliver({ token }, fact, options));
}

/** To a run that is live in this process; undefined when none has the token, or when only the World can: in a transaction. */
export function receive(
  world: World,
  token: string,
  fact: NewEvent<"hook_received">,
  options: DeliverOptions,
): Promise<Delivery> | undefined {
  return options.tx === undefined ? workerFor(world)?.receive(token, fact, options) : undefined;
}
