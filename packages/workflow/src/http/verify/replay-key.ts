import { hash } from "node:crypto";

/** Fits into an idempotency key together with the scheme, and shows as it is in every log and terminal. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * A message known by the id that its sender gave it, so that the sender's own repeats count as repeats too; or, where
 * it has none that can be used, by its signature.
 * @param id Must be covered by the signature.
 */
export function keyOfId(scheme: string, id: unknown, signature: string): string {
  if (typeof id !== "string" || !PLAIN_ID.test(id)) return keyOfSignature(scheme, signature);
  return `${scheme}:id:${id}`;
}

/**
 * A message known by its signature.
 * @param signature The one that was expected, not one that came: what else is in the header is for anyone to change.
 * Only its hash is kept, because keys are stored and shown.
 */
export function keyOfSignature(scheme: string, signature: string): string {
  return `${scheme}:sha256:${hash("sha256", signature)}`;
}

/** A field of a body that is a JSON object; undefined when it is not one. */
export function fieldOf(body: Uint8Array, name: string): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    return value?.[name];
  } catch {
    return undefined;
  }
}
