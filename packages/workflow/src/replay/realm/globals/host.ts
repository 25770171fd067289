/**
 * The realm's side of the bridge. Whatever a host function throws is replaced: an error made by the host (its
 * stack may overflow at any call) would be a way out of the realm. So would the functions themselves; they stay
 * behind functions of the realm.
 */
import type { Bridge, UrlParts } from "../bridge.ts";

const { parse } = JSON;

let connection: Bridge | undefined;

/** The bridge for use inside the realm: no part of it belongs to the host. */
export function guardBridge(bridge: Bridge): Bridge {
  return {
    digest: (algorithm, latin1) => guarded(() => bridge.digest(algorithm, latin1)),
    hashText: (ascii) => guarded(() => bridge.hashText(ascii)),
    parseUrl: (url, base) => guarded(() => bridge.parseUrl(url, base)),
    assignUrl: (href, part, value) => guarded(() => bridge.assignUrl(href, part, value)),
    decodeText: (label, fatal, ignoreBom, latin1) => guarded(() => bridge.decodeText(label, fatal, ignoreBom, latin1)),
    log: (level, text) => guarded(() => bridge.log(level, text)),
    isOverdue: () => guarded(() => bridge.isOverdue()),
    userStack: (stack) => guarded(() => bridge.userStack(stack)),
    env: () => guarded(() => bridge.env()),
  };
}

/** @param bridge guarded */
export function connectHost(bridge: Bridge): void {
  connection = bridge;
}

/** Hex digest; "" for an unknown algorithm. */
export function digest(algorithm: string, latin1: string): string {
  return connected().digest(algorithm, latin1);
}

/** The parts of a URL, or undefined when it is invalid. `base` "" means none. */
export function parseUrl(url: string, base: string): UrlParts | undefined {
  const json = connected().parseUrl(url, base);
  return json === "" ? undefined : parse(json);
}

export function assignUrl(href: string, part: string, value: string): UrlParts {
  return parse(connected().assignUrl(href, part, value));
}

export function decodeText(label: string, fatal: boolean, ignoreBom: boolean, latin1: string): string {
  return connected().decodeText(label, fatal ? 1 : 0, ignoreBom ? 1 : 0, latin1);
}

export function log(level: string, text: string): void {
  connected().log(level, text);
}

export function readEnv(): Record<string, string> {
  return parse(connected().env());
}

function connected(): Bridge {
  if (connection === undefined) throw new Error("installGlobals was not called");
  return connection;
}

function guarded<Result>(call: () => Result): Result {
  try {
    return call();
  } catch {
    throw new RangeError("The workflow sandbox could not call its host: the call stack is exhausted");
  }
}
