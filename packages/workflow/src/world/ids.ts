import { ulid } from "ulid";
import { randomFraction } from "./random.ts";

/** `wrun_` and a ULID. */
export function newRunId(): string {
  return `wrun_${ulid(undefined, randomFraction)}`;
}

/** `wrkr_` and a ULID: one per started worker. */
export function newWorkerId(): string {
  return `wrkr_${ulid()}`;
}

/** The public id of an event: its position, padded so that text order is history order. */
export function eventIdOf(position: number): string {
  return `evnt_${String(position).padStart(26, "0")}`;
}

/** The position in an event id, or undefined when the text is not one. */
export function positionOf(eventId: string): number | undefined {
  const digits = /^evnt_(\d{26})$/.exec(eventId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const RUN_ID = /^wrun_[0-9A-HJKMNP-TV-Z]{26}$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}
