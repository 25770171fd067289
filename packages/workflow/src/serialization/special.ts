import { stringify } from "devalue";
import { encodeBuffer, encodeView, reviveBuffer, reviveView, type BufferData, type ViewData } from "./bytes.ts";
import {
  encodeInstance,
  ownClassId,
  reviveClass,
  reviveInstance,
  type ClassData,
  type InstanceData,
} from "./class-values.ts";
import { encodeError, isError, reviveError, type ErrorData } from "./error-values.ts";
import {
  encodeRequest,
  encodeResponse,
  isRecorded,
  present,
  reviveRequest,
  reviveResponse,
  type WrittenRequest,
  type WrittenResponse,
} from "./http-values.ts";
import { MAX_ARRAY_LENGTH, MAX_BIGINT_BITS, MAX_PAYLOAD_BYTES } from "./limits.ts";
import {
  encodeFunction,
  encodeRun,
  reviveClosure,
  type BoundData,
  type ClosureData,
  type Handles,
  type RunData,
  type StepData,
  type WorkflowData,
} from "./references.ts";
import { pairs, text } from "./plain-parts.ts";
import {
  encodeController,
  encodeSignal,
  reviveController,
  reviveSignal,
  type ControllerData,
  type SignalData,
} from "./signals.ts";
import { explain, OVERSIZE, reasonOf, Refused, tagOf } from "./refusal.ts";
import { checkStream, encodeStream, type StreamData } from "./stream-values.ts";

/**
 * What is written in the place of a value that devalue does not know. A new kind of value is a member here, a
 * case of {@link encodeObject} and a case of {@link revive}.
 */
type Special =
  | BoundData
  | BufferData
  | ClassData
  | ClosureData
  | ControllerData
  | ErrorData
  | HeadersData
  | InstanceData
  | RunData
  | SignalData
  | StepData
  | StreamData
  | ViewData
  | WorkflowData
  | WrittenRequest
  | WrittenResponse;

interface HeadersData {
  readonly is: "headers";
  readonly entries: readonly (readonly [string, string])[];
}

/** devalue's tag for all of them: it asks every reducer about every value, so there is only one. */
export const TAG = "special";

export const REDUCERS: Readonly<Record<typeof TAG, (value: unknown) => Special | Refused | undefined>> = {
  [TAG]: encode,
};

function encode(value: unknown): Special | Refused | undefined {
  if (typeof value === "object") return value === null ? undefined : encodeObject(value);
  if (typeof value === "function") return encodeClass(value) ?? encodeFunction(value);
  if (typeof value === "string") return value.length > MAX_PAYLOAD_BYTES ? longText(value) : undefined;
  if (typeof value === "bigint" && BigInt.asIntN(MAX_BIGINT_BITS, value) !== value) return HUGE_BIGINT;
  return undefined;
}

function encodeClass(value: object): ClassData | undefined {
  const classId = ownClassId(value);
  return classId === undefined ? undefined : { is: "class", classId };
}

const HUGE_BIGINT = new Refused({ what: `a bigint of more than ${MAX_BIGINT_BITS} bits`, hint: "Pass its bytes" });
const LONG_ARRAY = new Refused({
  what: `an array longer than ${MAX_ARRAY_LENGTH}`,
  hint: "Split it, or use a Map for sparse data",
});

/** Devalue would take seconds over it. */
function longText(value: string): Refused {
  return new Refused({ ...OVERSIZE, what: `a text of ${value.length} characters` });
}

function encodeObject(value: object): Special | Refused | undefined {
  const run = encodeRun(value);
  if (run !== undefined) return run;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  if (Array.isArray(value) && value.length > MAX_ARRAY_LENGTH) return LONG_ARRAY;
  if (prototype === Array.prototype) return undefined;
  const instance = encodeInstance(value, prototype as object);
  if (instance !== undefined) return instance;

  const tag = tagOf(value);
  if (ArrayBuffer.isView(value)) return encodeView(value, tag);
  if (isError(value, tag)) return encodeError(value, problemOf);
  const stream = encodeStream(value, tag);
  if (stream !== undefined) return stream;
  if (!isPrototypeOf(tag, prototype) && !isRecorded(value)) {
    // An instance of a class, perhaps one that extends Map or Array: copying it would lose what it is.
    return value instanceof Refused ? undefined : new Refused(explain(value));
  }
  switch (tag) {
    case "AbortController":
      return encodeController(value);
    case "AbortSignal":
      return encodeSignal(value, problemOf);
    case "ArrayBuffer":
      return encodeBuffer(value as ArrayBuffer);
    case "Headers":
      return { is: "headers", entries: [...(value as Headers)] };
    case "Request":
      return encodeRequest(value);
    case "Response":
      return encodeResponse(value);
    default:
      return undefined;
  }
}

/** Also of another realm's class; and of one that a bundler renamed, if it is this realm's. */
function isPrototypeOf(className: string, prototype: unknown): boolean {
  const { constructor } = prototype as { readonly constructor?: { readonly name?: unknown } };
  if (constructor?.name === className) return true;
  return (
    (globalThis as unknown as Record<string, { prototype?: unknown } | undefined>)[className]?.prototype === prototype
  );
}

/**
 * Why a part of an error cannot be serialized. Another error in it always can, since what cannot be written of
 * that one is left out.
 */
function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") return undefined;
  try {
    stringify(value, TRIAL);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const SKIPPED: HeadersData = { is: "headers", entries: [] };

const TRIAL: Readonly<Record<string, (value: unknown) => Special | Refused | undefined>> = {
  [TAG]: (value) => (typeof value === "object" && value !== null && isError(value) ? SKIPPED : encode(value)),
};

/** @throws `Error` when `data` is not what {@link encode} writes. */
export function revive(data: unknown, handles: Handles): unknown {
  const special = data as Special;
  switch (special?.is) {
    case "bound":
    case "closure":
      text(special.stepId);
      return reviveClosure(special, handles);
    case "buffer":
      return reviveBuffer(special);
    case "class":
      return reviveClass(text(special.classId), handles);
    case "controller":
      return reviveController(special, handles);
    case "error":
      return reviveError(special, handles);
    case "headers":
      return new (present("Headers"))(pairs(special.entries));
    case "instance":
      text(special.classId);
      return reviveInstance(special, handles);
    case "readable":
    case "writable":
      return handles.stream(checkStream(special));
    case "request":
      return reviveRequest(special, handles);
    case "response":
      return reviveResponse(special);
    case "run":
      return handles.run(text(special.runId));
    case "signal":
      return reviveSignal(special, handles);
    case "step":
      return handles.step(text(special.stepId));
    case "view":
      return reviveView(special);
    case "workflow":
      return handles.workflow(text(special.workflowId));
    default:
      throw new Error("a special value is of an unknown kind");
  }
}
