import { BOUND, CLASS_ID, CLOSURE_VARS } from "../../packages/workflow/src/serialization/serialize.ts";

/** Where two values differ: in class, content, or in which of their parts are the same. Undefined when they do not. */
export function difference(one: unknown, other: unknown): string | undefined {
  return compare(one, other, new Map(), "value");
}

function compare(a: unknown, b: unknown, pairs: Map<unknown, unknown>, at: string): string | undefined {
  if (!isReference(a) || !isReference(b)) return Object.is(a, b) ? undefined : `${at}: ${show(a)} and ${show(b)}`;
  if (pairs.has(a)) return pairs.get(a) === b ? undefined : `${at}: not the same part as before`;
  if ([...pairs.values()].includes(b)) return `${at}: the same part as another`;
  pairs.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${at}: another class`;
  const [partsOfA, partsOfB] = [partsOf(a), partsOf(b)];
  if (partsOfA.length !== partsOfB.length) return `${at}: ${partsOfA.length} and ${partsOfB.length} parts`;
  for (const [index, [name, part]] of partsOfA.entries()) {
    const [otherName, otherPart] = partsOfB[index] as readonly [string, unknown];
    if (name !== otherName) return `${at}: has ${name} where the other has ${otherName}`;
    const found = compare(part, otherPart, pairs, `${at}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isReference(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function show(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** What a value is made of, in order. */
function partsOf(value: object): (readonly [string, unknown])[] {
  if (typeof value === "function") return functionParts(value);
  if (value instanceof Date) return [["time", value.getTime()]];
  if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams)
    return [["text", String(value)]];
  if (value instanceof Headers) return [["entries", JSON.stringify([...value])]];
  if (value instanceof ArrayBuffer) return [["bytes", Buffer.from(value).toString("hex")]];
  if (ArrayBuffer.isView(value)) {
    return [["bytes", Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")]];
  }
  if (value instanceof Map)
    return [...value].flatMap(
      ([key, item], index) =>
        [
          [`key${index}`, key],
          [`item${index}`, item],
        ] as const,
    );
  if (value instanceof Set) return [...value].map((item, index) => [`item${index}`, item] as const);
  if (value instanceof Error) return [...hidden(value), ...ownParts(value)];
  const tag = Object.prototype.toString.call(value);
  if (["[object Number]", "[object String]", "[object Boolean]", "[object BigInt]"].includes(tag)) {
    return [["boxed", value.valueOf()]];
  }
  return [...(Array.isArray(value) ? [["length", value.length] as const] : []), ...ownParts(value)];
}

function functionParts(value: object): (readonly [string, unknown])[] {
  const {
    stepId,
    workflowId,
    [CLOSURE_VARS]: vars,
    [BOUND]: bound,
  } = value as {
    readonly stepId?: unknown;
    readonly workflowId?: unknown;
    readonly [CLOSURE_VARS]?: () => unknown;
    readonly [BOUND]?: { readonly this: unknown; readonly args: unknown };
  };
  const classId = Object.hasOwn(value, CLASS_ID) ? Reflect.get(value, CLASS_ID) : undefined;
  return Object.entries({ stepId, workflowId, classId, vars: vars?.(), this: bound?.this, args: bound?.args });
}

function hidden(error: Error): (readonly [string, unknown])[] {
  const names = ["name", "message", "stack", ...(Object.hasOwn(error, "cause") ? ["cause"] : [])];
  const list = error instanceof AggregateError ? ["errors"] : [];
  return [...names, ...list].map((name) => [name, Reflect.get(error, name)] as const);
}

function ownParts(value: object): (readonly [string, unknown])[] {
  return Object.entries(value).map(([name, part]) => [name, part] as const);
}
