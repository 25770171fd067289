import { hkdfSync } from "node:crypto";
import { WorkflowWorldError } from "../world/errors.ts";

/** What one secret is used as: never itself, always one of these. */
export interface Key {
  /** Four bytes that say which key something was encrypted with. */
  readonly id: Uint8Array;
  readonly encryption: Uint8Array;
  /** Names contents, so that equal ones are found and no hash of them is seen. */
  readonly naming: Uint8Array;
  readonly nonces: Uint8Array;
}

/** May be sent to another thread. */
export interface Keys {
  /** Undefined: nothing is encrypted. */
  readonly writing: Key | undefined;
  readonly all: readonly Key[];
}

const VARIABLE = "WORKFLOW_ENCRYPTION_KEY";
const KEY_BYTES = 32;

/**
 * The keys that payloads are encrypted with: `given`, else those in `WORKFLOW_ENCRYPTION_KEY`, separated by commas.
 * Each is 32 bytes in hex, base64 or base64url. The last one writes, all of them read.
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT`, which says which one is malformed and does not repeat it.
 */
export function readKeys(given?: readonly string[]): Keys {
  const fromEnvironment = process.env[VARIABLE] || undefined;
  const source = given === undefined ? VARIABLE : "encryptionKeys";
  const texts = given ?? fromEnvironment?.split(",") ?? [];
  const all = texts.map((text, index) => deriveKey(secretIn(text.trim(), source, index + 1)));
  return { writing: all.at(-1), all };
}

function secretIn(text: string, source: string, position: number): Uint8Array {
  const secret = /^[\da-f]{64}$/i.test(text)
    ? Buffer.from(text, "hex")
    : /^[\w+/-]{43}=?$/.test(text)
      ? Buffer.from(text, "base64")
      : undefined;
  if (secret?.length === KEY_BYTES) return secret;
  throw new WorkflowWorldError(
    "INVALID_ARGUMENT",
    `Key ${position} of ${source} is not ${KEY_BYTES} bytes in hex, base64 or base64url. ` +
      "Make one with: openssl rand -base64 32",
    { field: source },
  );
}

function deriveKey(secret: Uint8Array): Key {
  const derive = (use: string, bytes: number): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", secret, "", `workflow payloads 1 ${use}`, bytes));
  return {
    id: derive("id", 4),
    encryption: derive("encryption", KEY_BYTES),
    naming: derive("naming", KEY_BYTES),
    nonces: derive("nonces", KEY_BYTES),
  };
}
