import { stringify } from "devalue";
import type { SerializationError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { FORMAT } from "./deserialize.ts";
import { describeThrown } from "./error-values.ts";
import { instanceInCycle } from "./instance-cycles.ts";
import { isTooDeep, MAX_PAYLOAD_BYTES, payloadBytes } from "./limits.ts";
import { inCycle, refusal, tooDeep, tooLarge, type Boundary } from "./refusal.ts";
import { type WriteSignal, withSignals } from "./signals.ts";
import { REDUCERS } from "./special.ts";

export { deserialize } from "./deserialize.ts";
export { CLASS_ID, classesIn } from "./class-values.ts";
export { requestValue, responseValue, type RequestData, type ResponseData } from "./http-values.ts";
export { MAX_PAYLOAD_BYTES } from "./limits.ts";
export { bindStep, BOUND, CLOSURE_VARS, type BoundValues, type Handles } from "./references.ts";
export type { Boundary } from "./refusal.ts";
export type { StreamData } from "./stream-values.ts";
export { mentionsSignals, type SignalAddress, type SignalData, type WriteSignal } from "./signals.ts";

/**
 * Writes a value (contract 06). Everything is copied; identity and cycles within the value are kept.
 * @throws `SerializationError` naming the boundary and the path of what cannot be written; with code
 *   `PAYLOAD_TOO_LARGE` beyond {@link MAX_PAYLOAD_BYTES}.
 * @param signals gives addresses to signals of the platform. Default: they cannot be written, unless they are aborted.
 */
export function serialize(value: unknown, at: Boundary, signals?: WriteSignal): Payload {
  const text = withSignals(signals, () => write(value, at));
  const bytes = payloadBytes(text) + FORMAT.length;
  if (bytes > MAX_PAYLOAD_BYTES) throw tooLarge(bytes, at);
  if (isTooDeep(text)) throw tooDeep(at);
  const classId = instanceInCycle(text);
  if (classId !== undefined) throw inCycle(classId, at);
  return FORMAT + text;
}

function write(value: unknown, at: Boundary): string {
  try {
    return stringify(value, REDUCERS);
  } catch (error) {
    throw refusal(error, at);
  }
}

/**
 * Writes what was thrown, whatever it is: when it cannot be written, an error that describes it is. A large or
 * deep error keeps its class, name, message, stack (the latter two cut) and small properties.
 */
export function serializeThrown(thrown: unknown, at: Boundary): Payload {
  try {
    return serialize(thrown, at);
  } catch (error) {
    return serialize(describeThrown(thrown, (error as SerializationError).message), at);
  }
}
