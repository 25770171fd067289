import { EventEmitter } from "node:events";

/** Emits `resumed` with the time, in milliseconds of `performance.now()`, when the body of `afterResume` runs. */
export const signals: EventEmitter<{ resumed: [at: number] }> = new EventEmitter();
