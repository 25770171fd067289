import type { Payload } from "../world/events.ts";

/** From what a row says to the payload; one that cannot be decrypted is `sealedPayload` then. */
export type Open = (stored: string) => Payload;
