/** The defaults that a machine's settings would supply: the locale is en-US, the time zone UTC. */
import { now } from "./date.ts";
import { addMembers, uncurry } from "./intrinsics.ts";

const LOCALE = "en-US";
const TIME_ZONE = "UTC";

const { construct, apply } = Reflect;
const { getCanonicalLocales } = Intl;

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => object;

export function installIntl(): void {
  for (const name of Object.getOwnPropertyNames(Intl)) {
    const member: unknown = Reflect.get(Intl, name);
    if (typeof member === "function" && "prototype" in member && name !== "Locale") replaceClass(name, member as Class);
  }
  replaceFormat(Intl.DateTimeFormat.prototype);
  for (const name of ["localeCompare"]) defaultLocale(String.prototype, name, 1);
  for (const name of ["toLocaleLowerCase", "toLocaleUpperCase"]) defaultLocale(String.prototype, name, 0);
  for (const owner of [Number.prototype, BigInt.prototype]) defaultLocale(owner, "toLocaleString", 0);
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    defaultLocale(Date.prototype, name, 0, true);
  }
}

function replaceClass(name: string, native: Class): void {
  const zoned = name === "DateTimeFormat";
  const replacement = new Proxy(native, {
    construct: (target, args, newTarget) => construct(target, withDefaults(args, 0, zoned), newTarget),
    apply: (target, self, args) => apply(target as unknown as Method, self, withDefaults(args, 0, zoned)),
  });
  addMembers(Intl, { [name]: replacement });
  addMembers(native.prototype, { constructor: replacement });
}

function defaultLocale(owner: object, name: string, at: number, zoned = false): void {
  const native = Reflect.get(owner, name) as Method;
  const replacement = {
    [name](this: unknown, ...args: unknown[]): unknown {
      return apply(native, this, withDefaults(args, at, zoned));
    },
  };
  addMembers(owner, replacement);
  Object.defineProperty(Reflect.get(owner, name), "length", { value: native.length });
}

/** The arguments with a locale at position `at` and, when `zoned`, a time zone in the options after it. */
function withDefaults(args: readonly unknown[], at: number, zoned: boolean): unknown[] {
  const filled = [...args];
  while (filled.length <= at) filled.push(undefined);
  filled[at] = localesOf(filled[at]);
  if (zoned) filled[at + 1] = zonedOptions(filled[at + 1]);
  return filled;
}

/** Ends with the default, because the machine's own would be taken when none of the wanted ones is known. */
function localesOf(wanted: unknown): string | string[] {
  return wanted === undefined ? LOCALE : [...getCanonicalLocales(wanted as string[]), LOCALE];
}

function zonedOptions(options: unknown): unknown {
  if (options === undefined) return { timeZone: TIME_ZONE };
  if (options === null || (options as Intl.DateTimeFormatOptions).timeZone !== undefined) return options;
  return Object.create(Object(options), { timeZone: { value: TIME_ZONE } });
}

/** Formatting without a date means now, which must be the run's. */
function replaceFormat(prototype: Intl.DateTimeFormat): void {
  const boundFormat = uncurry(Object.getOwnPropertyDescriptor(prototype, "format")!.get!) as (
    self: unknown,
  ) => (date: unknown) => string;
  const formatToParts = uncurry(prototype.formatToParts as (date?: unknown) => unknown);
  const bound = new WeakMap<object, (date?: unknown) => string>();
  addMembers(prototype, {
    get format(): (date?: unknown) => string {
      const native = boundFormat(this);
      const format = bound.get(this) ?? ((date?: unknown) => native(date === undefined ? now() : date));
      bound.set(this, format);
      return format;
    },
    formatToParts(this: unknown, date?: unknown): unknown {
      return formatToParts(this, date === undefined ? now() : date);
    },
  });
}
