/** `console`: text is made in the realm, and only text leaves it. */
import { currentRun, type RunContext } from "../context.ts";
import { log } from "./host.ts";
import { inspect } from "./inspect.ts";

interface ConsoleState {
  indent: string;
  readonly counts: Map<string, number>;
}

const states = new WeakMap<RunContext, ConsoleState>();

/** A new object with the same methods, because code likes to replace them. */
export function createConsole(): object {
  return { ...methods };
}

const methods = {
  log: (...args: unknown[]): void => print("log", args),
  info: (...args: unknown[]): void => print("info", args),
  warn: (...args: unknown[]): void => print("warn", args),
  error: (...args: unknown[]): void => print("error", args),
  debug: (...args: unknown[]): void => print("debug", args),
  table: (...args: unknown[]): void => print("log", args),
  dir: (value: unknown): void => write("log", inspect(value)),
  dirxml: (...args: unknown[]): void => print("log", args),
  trace: (...args: unknown[]): void => {
    const stack = new Error().stack ?? "";
    const title = args.length === 0 ? "Trace" : `Trace: ${format(args)}`;
    write("error", title + stack.replace(/^[^\n]*\n[^\n]*/, ""));
  },
  assert: (condition: unknown, ...args: unknown[]): void => {
    if (condition) return;
    write("warn", args.length === 0 ? "Assertion failed" : `Assertion failed: ${format(args)}`);
  },
  group: (...args: unknown[]): void => {
    if (args.length > 0) print("log", args);
    setIndent((indent) => `${indent}  `);
  },
  groupCollapsed: (...args: unknown[]): void => methods.group(...args),
  groupEnd: (): void => setIndent((indent) => indent.slice(2)),
  count: (label: unknown = "default"): void => {
    const name = String(label);
    const counts = stateOf()?.counts;
    const count = (counts?.get(name) ?? 0) + 1;
    counts?.set(name, count);
    write("log", `${name}: ${count}`);
  },
  countReset: (label: unknown = "default"): void => {
    stateOf()?.counts.delete(String(label));
  },
  time: (): void => {},
  timeLog: (): void => {},
  timeEnd: (): void => {},
  timeStamp: (): void => {},
  profile: (): void => {},
  profileEnd: (): void => {},
  clear: (): void => {},
};

function stateOf(): ConsoleState | undefined {
  const run = currentRun();
  if (run === undefined) return undefined;
  const state = states.get(run) ?? { indent: "", counts: new Map() };
  states.set(run, state);
  return state;
}

function setIndent(change: (indent: string) => string): void {
  const state = stateOf();
  if (state !== undefined) state.indent = change(state.indent);
}

function print(level: string, args: readonly unknown[]): void {
  write(level, format(args));
}

function write(level: string, text: string): void {
  const run = currentRun();
  const indent = (run && states.get(run)?.indent) ?? "";
  log(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
}

function format(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== "string") return args.map(shown).join(" ");
  if (rest.length === 0) return first;
  let used = 0;
  const text = first.replaceAll(/%([sdifjoOc%])/g, (whole, verb: string) => {
    if (verb === "%") return "%";
    return used < rest.length ? substitute(verb, rest[used++]) : whole;
  });
  return [text, ...rest.slice(used).map(shown)].join(" ");
}

function substitute(verb: string, value: unknown): string {
  switch (verb) {
    case "s":
      return shown(value);
    case "d":
    case "i":
    case "f":
      return numeric(verb, value);
    case "j":
      return json(value);
    case "c":
      return "";
    default:
      return inspect(value);
  }
}

function numeric(verb: string, value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol" || (typeof value === "object" && value !== null)) return "NaN";
  if (verb === "d") return inspect(Number(value));
  return inspect(verb === "i" ? Number.parseInt(String(value), 10) : Number.parseFloat(String(value)));
}

function json(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch {
    return "[Circular]";
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}
