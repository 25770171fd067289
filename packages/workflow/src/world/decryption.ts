import { isNamed, WorkflowRuntimeError } from "./errors.ts";
import type { Payload } from "./events.ts";

/** What was being done to how many bytes, and how they began. */
export interface DecryptionContext {
  readonly operation: "encrypt" | "decrypt";
  readonly byteLength: number;
  readonly formatPrefix: string;
}

/** A stored value is encrypted and this process cannot open it (contract 03 section 3.3). */
export class RuntimeDecryptionError extends WorkflowRuntimeError {
  override readonly name = "RuntimeDecryptionError";
  readonly context: DecryptionContext;

  constructor(message: string, context: DecryptionContext) {
    super(message, { code: "DECRYPTION_FAILED" });
    this.context = context;
  }

  static override is(value: unknown): value is RuntimeDecryptionError {
    return isNamed(value, "RuntimeDecryptionError");
  }
}

/** The format of what is encrypted, and of what stands for it where it cannot be opened. */
export const SEALED = "encr";

interface Closed {
  readonly why: string;
  readonly context: DecryptionContext;
}

/**
 * What a World gives in the place of a payload that it cannot open, so that one such value hides no other. Whoever
 * needs the value gets the error that says why ({@link whySealed}).
 */
export function sealedPayload(why: string, context: DecryptionContext): Payload {
  return SEALED + JSON.stringify({ why, context } satisfies Closed);
}

export function isSealed(payload: Payload): boolean {
  return payload.startsWith(`${SEALED}{`);
}

export function whySealed(payload: Payload): RuntimeDecryptionError {
  const { why, context } = JSON.parse(payload.slice(SEALED.length)) as Closed;
  return new RuntimeDecryptionError(why, context);
}
