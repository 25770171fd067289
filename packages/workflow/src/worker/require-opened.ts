import { isSealed, whySealed } from "../world/decryption.ts";
import type { NewEvent } from "../world/events.ts";

/**
 * Workflow code cannot go on without its values, and must not fail for want of a key that an operator can supply.
 * @throws `RuntimeDecryptionError` when the World could not decrypt one of them.
 */
export function requireOpened(events: readonly NewEvent[]): void {
  for (const { payload } of events) {
    if (payload !== undefined && isSealed(payload)) throw whySealed(payload);
  }
}
