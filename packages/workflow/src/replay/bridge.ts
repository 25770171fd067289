/** The host's side of {@link Bridge}: pure functions only, so that a replay gets the same answers anywhere. */
import * as nodeCrypto from "node:crypto";
import type { Bridge, UrlParts } from "./realm/bridge.ts";

const DIGESTS: ReadonlyMap<string, string> = new Map([
  ["SHA-1", "sha1"],
  ["SHA-256", "sha256"],
  ["SHA-384", "sha384"],
  ["SHA-512", "sha512"],
]);

const ASSIGNABLE = [
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

/** The parts of a bridge that differ from realm to realm. */
export interface BridgeParts {
  /** Receives each line that workflow code prints, with its console level (`log`, `warn`, ...). */
  readonly onLog: (level: string, text: string) => void;
  /** Whether the entry under way has used up its time. */
  readonly isOverdue: () => boolean;
  /** A stack trace in terms of the user's files. */
  readonly userStack: (stack: string) => string;
}

export function createBridge({ onLog, isOverdue, userStack }: BridgeParts): Bridge {
  return {
    digest(algorithm, latin1) {
      const name = DIGESTS.get(algorithm);
      return name === undefined ? "" : nodeCrypto.hash(name, Buffer.from(latin1, "latin1"), "hex");
    },
    hashText: (ascii) => nodeCrypto.hash("sha256", ascii, "hex"),
    parseUrl(url, base) {
      const parsed = URL.parse(url, base === "" ? undefined : base);
      return parsed === null ? "" : JSON.stringify(partsOf(parsed));
    },
    assignUrl(href, part, value) {
      const url = new URL(href);
      const assignable = ASSIGNABLE.find((name) => name === part);
      if (assignable !== undefined) url[assignable] = value;
      return JSON.stringify(partsOf(url));
    },
    decodeText: decode,
    log(level, text) {
      try {
        onLog(level, text);
      } catch {
        // Whether a line could be written must not change what the workflow does.
      }
    },
    isOverdue: () => (isOverdue() ? 1 : 0),
    userStack(stack) {
      try {
        return userStack(stack);
      } catch {
        return stack;
      }
    },
    env() {
      return JSON.stringify(process.env);
    },
  };
}

function decode(label: string, fatal: number, ignoreBom: number, latin1: string): string {
  try {
    const decoder = new TextDecoder(label, { fatal: fatal !== 0, ignoreBOM: ignoreBom !== 0 });
    return `=${latin1 === "" ? decoder.encoding : decoder.decode(Buffer.from(latin1, "latin1"))}`;
  } catch (error) {
    return `!${error instanceof Error ? error.message : String(error)}`;
  }
}

function partsOf(url: URL): UrlParts {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
}
