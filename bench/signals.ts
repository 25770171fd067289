import { EventEmitter } from "node:events";

/**
 * What steps tell the process that they run in. `resumed`: the body of `afterResume` runs, at this time
 * (`machineTime()`).
 */
export const signals: EventEmitter<{ resumed: [at: number] }> = new EventEmitter();
