import { parseArgs } from "node:util";
import { MOST_FILTERS } from "../world/attributes.ts";
import type { RunStatus } from "../world/entities.ts";
import { DEFAULT_MS, MOST_MS } from "../http/wake/settings.ts";
import type { Typed } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** The flags of all commands, as they are when nothing is typed or as typed. */
export interface Flags {
  readonly runId?: string;
  readonly token?: string;
  readonly workflowName?: string;
  readonly status?: RunStatus;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly withData: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly sort: "asc" | "desc";
  readonly json: boolean;
  readonly reason?: string;
  readonly key?: string;
  readonly hold?: string;
  readonly concurrency?: number;
  readonly maxMs: number;
  readonly framework?: string;
  readonly yes: boolean;
  readonly help: boolean;
}

export type Flag = keyof Flags;

interface Meaning<T> {
  readonly short?: string;
  /** Stands for the value in the help; a flag without it is a switch. */
  readonly value?: string;
  readonly about: string;
  /** @throws `UsageError` */
  readonly read: (text: string) => T;
  /** Of a flag that may be given several times. Otherwise the last one counts. */
  readonly join?: (before: T, next: T) => T;
}

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
const STATUSES: readonly RunStatus[] = ["pending", "running", "completed", "failed", "cancelled"];
const SORTS = ["asc", "desc"] as const;

export const FLAGS: { readonly [F in Flag]-?: Meaning<Flags[F]> } = {
  runId: { short: "r", value: "<runId>", about: "of hooks, events and streams: only those of this run", read: asTyped },
  token: { short: "t", value: "<token>", about: "of held: only what came for this token", read: asTyped },
  workflowName: {
    short: "n",
    value: "<name>",
    about: "of runs: only those of this workflow, named in full as the list shows it",
    read: asTyped,
  },
  status: {
    value: "<status>",
    about: `of runs: only those that are ${STATUSES.join(", ")}`,
    read: (text) => oneOf("status", STATUSES, text),
  },
  attribute: {
    short: "a",
    value: "<key=value>",
    about: `of runs: only those with this attribute; up to ${MOST_FILTERS} times`,
    read: readAttribute,
    join: joinAttributes,
  },
  withData: { short: "d", about: "show inputs, results, errors and payloads", read: () => true },
  limit: {
    value: "<n>",
    about: `how many to show, 1 to ${LARGEST_LIMIT} (${DEFAULT_LIMIT})`,
    read: readLimit,
  },
  cursor: { value: "<cursor>", about: "go on where a page ended; it says with what", read: asTyped },
  sort: { value: "asc|desc", about: "oldest or newest first (desc)", read: (text) => oneOf("sort", SORTS, text) },
  json: { short: "j", about: "print one JSON document", read: () => true },
  reason: { value: "<text>", about: "kept with the run and shown; at most 512 characters", read: asTyped },
  key: { value: "<key>", about: "what was sent with the same key before is not sent again", read: asTyped },
  hold: {
    value: "<duration>",
    about: "keep it so long (10m) for the first run that claims the token, if no hook has it yet",
    read: asTyped,
  },
  concurrency: { value: "<n>", about: "how many steps may run at once (1000)", read: readConcurrency },
  maxMs: {
    value: "<n>",
    about: `how long the app may work, in milliseconds, up to ${MOST_MS} (${DEFAULT_MS})`,
    read: readMaxMs,
  },
  framework: { value: "<name>", about: "which one, where package.json names several", read: asTyped },
  yes: { short: "y", about: "write without asking", read: () => true },
  help: { short: "h", about: "show this", read: () => true },
};

const DEFAULTS: Flags = {
  withData: false,
  limit: DEFAULT_LIMIT,
  sort: "desc",
  json: false,
  maxMs: DEFAULT_MS,
  yes: false,
  help: false,
};

/** @throws `UsageError` for anything that is not among the `accepted` flags, or has a value it cannot have. */
export function readCommandLine(args: readonly string[], accepted: readonly Flag[]): Typed {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const positionals: string[] = [];
  const read = new Map<Flag, unknown>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = accepted.find((name) => name === token.name);
    if (flag === undefined) throw new UsageError(`There is no flag ${token.rawName} here. ${describeFlags(accepted)}`);
    read.set(flag, readFlag(flag, valueOf(flag, token), read.get(flag)));
  }
  const flags: Flags = { ...DEFAULTS, ...Object.fromEntries(read) };
  return { positionals, flags, given: new Set(read.keys()) };
}

/** `before` is what the same flag said before. */
function readFlag(flag: Flag, text: string, before: unknown): unknown {
  const { read, join } = FLAGS[flag] as { read(text: string): unknown; join?(before: unknown, next: unknown): unknown };
  const value = read(text);
  return join === undefined || before === undefined ? value : join(before, value);
}

export function describeFlags(accepted: readonly Flag[]): string {
  return `Flags are ${accepted.map((flag) => `--${flag}`).join(", ")}; an argument that starts with - goes after --`;
}

const OPTIONS = Object.fromEntries(
  Object.entries(FLAGS).map(([name, { short, value }]) => [
    name,
    { type: value === undefined ? ("boolean" as const) : ("string" as const), ...(short !== undefined && { short }) },
  ]),
);

interface OptionToken {
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(flag: Flag, { value, inlineValue }: OptionToken): string {
  const placeholder = FLAGS[flag].value;
  if (placeholder === undefined) {
    if (value !== undefined) throw new UsageError(`--${flag} takes no value, but got ${JSON.stringify(value)}`);
    return "";
  }
  if (value === undefined || value === "") throw new UsageError(`--${flag} needs a value: --${flag} ${placeholder}`);
  if (inlineValue !== true && value.startsWith("-")) {
    throw new UsageError(`--${flag} is followed by ${value}. A value that starts with - is written --${flag}=${value}`);
  }
  return value;
}

type Attributes = NonNullable<Flags["attribute"]>;

function readAttribute(text: string): Attributes {
  const at = text.indexOf("=");
  if (at > 0) return Object.fromEntries([[text.slice(0, at), text.slice(at + 1)]]);
  throw new UsageError(`--attribute is a key and a value, like plan=pro, not ${JSON.stringify(text)}`);
}

function joinAttributes(before: Attributes | undefined, next: Attributes | undefined): Attributes {
  const joined = { ...before, ...next };
  if (Object.keys(joined).length <= MOST_FILTERS) return joined;
  throw new UsageError(`--attribute is given at most ${MOST_FILTERS} times`);
}

function asTyped(text: string): string {
  return text;
}

function oneOf<T extends string>(flag: Flag, choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} is one of ${choices.join(", ")}, not ${JSON.stringify(text)}`);
}

function readLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LARGEST_LIMIT) return limit;
  throw new UsageError(`--limit is a whole number from 1 to ${LARGEST_LIMIT}, not ${JSON.stringify(text)}`);
}

function readConcurrency(text: string): number {
  const concurrency = /^\d+$/.test(text) ? Number(text) : 0;
  if (concurrency >= 1 && Number.isSafeInteger(concurrency)) return concurrency;
  throw new UsageError(`--concurrency is a whole number from 1 on, not ${JSON.stringify(text)}`);
}

function readMaxMs(text: string): number {
  const maxMs = /^\d+$/.test(text) ? Number(text) : 0;
  if (maxMs >= 1 && maxMs <= MOST_MS) return maxMs;
  throw new UsageError(`--maxMs is a whole number from 1 to ${MOST_MS}, not ${JSON.stringify(text)}`);
}
