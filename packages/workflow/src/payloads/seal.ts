import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { type DecryptionContext, RuntimeDecryptionError, SEALED } from "../world/decryption.ts";
import type { Key, Keys } from "./keys.ts";

const CIPHER = "aes-256-gcm";
const ID_END = SEALED.length + 4;
const NONCE_BYTES = 12;
const NONCE_END = ID_END + NONCE_BYTES;
const TAG_BYTES = 16;

/**
 * Encrypts with AES-256-GCM: format, id of the key, nonce, ciphertext, tag. Format and id are authenticated as well.
 * `nonce`: random, or {@link nonceOf} where equal contents are to give equal bytes.
 */
export function sealBytes(content: Uint8Array, key: Key, nonce: Uint8Array = randomBytes(NONCE_BYTES)): Uint8Array {
  const head = Buffer.concat([Buffer.from(SEALED), key.id]);
  const cipher = createCipheriv(CIPHER, key.encryption, nonce).setAAD(head);
  return Buffer.concat([head, nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** A nonce that no other content gets: a keyed hash of it. */
export function nonceOf(content: Uint8Array, key: Key): Uint8Array {
  return createHmac("sha256", key.nonces).update(content).digest().subarray(0, NONCE_BYTES);
}

/** @throws `RuntimeDecryptionError` when its key is not at hand, or when it is not what was encrypted. */
export function openBytes(sealed: Uint8Array, keys: Keys): Uint8Array {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const id = bytes.subarray(SEALED.length, ID_END);
  const candidates = keys.all.filter((key) => id.equals(key.id));
  if (candidates.length === 0) throw cannotOpen(bytes, noKey(id.toString("hex"), keys));
  for (const key of candidates) {
    const content = openWith(key, bytes);
    if (content !== undefined) return content;
  }
  throw cannotOpen(bytes, `it was changed since it was encrypted with key ${id.toString("hex")}. Restore a backup`);
}

function openWith(key: Key, bytes: Buffer): Uint8Array | undefined {
  if (bytes.length < NONCE_END + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key.encryption, bytes.subarray(ID_END, NONCE_END), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(bytes.subarray(0, ID_END))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_END, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function noKey(id: string, keys: Keys): string {
  const found = keys.all.length === 0 ? "this process has no key" : "this process does not have that key";
  return `it is encrypted with key ${id}, and ${found}. Add the key to WORKFLOW_ENCRYPTION_KEY and restart`;
}

function cannotOpen(bytes: Buffer, why: string): RuntimeDecryptionError {
  const formatPrefix = bytes.toString("latin1", 0, SEALED.length);
  const context: DecryptionContext = { operation: "decrypt", byteLength: bytes.length, formatPrefix };
  return new RuntimeDecryptionError(`A stored value cannot be decrypted: ${why}`, context);
}
