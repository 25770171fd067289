/** `Date` on the run's logical clock, with UTC as the local time zone. */
import { currentRun } from "../context.ts";
import { parseDate } from "./date-parse.ts";
import { addMembers, uncurry } from "./intrinsics.ts";

const NativeDate = Date;
const { construct, apply } = Reflect;
const { UTC } = NativeDate;
const native = NativeDate.prototype;
const getTime = uncurry(native.getTime);
const toUtcText = uncurry(native.toUTCString);
const getUtcYear = uncurry(native.getUTCFullYear);
const setUtcYear = uncurry(native.setUTCFullYear);

/** Milliseconds since the epoch on the run's logical clock; 0 while no run is executing. */
export function now(): number {
  return currentRun()?.now ?? 0;
}

export function installDate(): void {
  const replacement = makeDate();
  addMembers(native, { constructor: replacement, ...localMembers() });
  Object.defineProperty(globalThis, "Date", { value: replacement });
}

function makeDate(): unknown {
  function RunDate(...args: unknown[]): unknown {
    if (new.target === undefined) return textOf(new NativeDate(now()));
    return construct(NativeDate, [timeFrom(args)], new.target);
  }
  Object.defineProperties(RunDate, {
    name: { value: "Date" },
    length: { value: 7 },
    prototype: { value: native, writable: false },
  });
  addMembers(RunDate, { now: () => now(), parse: (text: unknown) => parseDate(String(text)), UTC });
  return RunDate;
}

function timeFrom(args: unknown[]): number {
  if (args.length === 0) return now();
  if (args.length > 1) return apply(UTC, undefined, args);
  const value = isDate(args[0]) ? getTime(args[0]) : toPrimitive(args[0]);
  return typeof value === "string" ? parseDate(value) : Number(refuseBigInt(value));
}

function isDate(value: unknown): value is Date {
  if (typeof value !== "object") return false;
  try {
    getTime(value as Date);
    return true;
  } catch {
    return false;
  }
}

/** `Number()` takes them, the language's ToNumber does not. */
function refuseBigInt(value: unknown): unknown {
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  return value;
}

/** The language's ToPrimitive without a hint. */
function toPrimitive(value: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const source = value as Record<PropertyKey, unknown>;
  const exotic = source[Symbol.toPrimitive];
  if (exotic !== undefined && exotic !== null) return notObject(apply(exotic as () => unknown, value, ["default"]));
  for (const name of ["valueOf", "toString"]) {
    const method = source[name];
    const result = typeof method === "function" ? apply(method as () => unknown, value, []) : value;
    if (typeof result !== "object" && typeof result !== "function") return result;
    if (result === null) return result;
  }
  return notObject(value);
}

function notObject(value: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  throw new TypeError("Cannot convert object to primitive value");
}

/** Every method that would look at the machine's time zone, by way of its UTC counterpart. */
function localMembers(): object {
  const members: Record<string, unknown> = {};
  for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
    for (const verb of ["get", "set"]) {
      const method = Reflect.get(native, `${verb}UTC${part}`);
      if (method !== undefined) members[`${verb}${part}`] = method;
    }
  }
  return Object.assign(members, textMembers, oldMembers);
}

const textMembers = {
  toString(this: Date): string {
    return textOf(this);
  },
  toDateString(this: Date): string {
    return textOf(this, "date");
  },
  toTimeString(this: Date): string {
    return textOf(this, "time");
  },
};

const oldMembers = {
  getTimezoneOffset(this: Date): number {
    return getTime(this) * 0;
  },
  getYear(this: Date): number {
    return getUtcYear(this) - 1900;
  },
  setYear(this: Date, year: unknown): number {
    const full = Number(year);
    const short = Math.trunc(full);
    return setUtcYear(this, short >= 0 && short <= 99 ? 1900 + short : full);
  },
};

function textOf(date: Date, part?: "date" | "time"): string {
  const text = toUtcText(date);
  const found = /^(\w+), (\d+) (\w+) (-?\d+) (\S+) GMT$/.exec(text);
  if (found === null) return text;
  const [, weekday, day, month, year, clock] = found;
  const dateText = `${weekday} ${month} ${day} ${year}`;
  const timeText = `${clock} GMT+0000 (Coordinated Universal Time)`;
  if (part === "date") return dateText;
  return part === "time" ? timeText : `${dateText} ${timeText}`;
}
