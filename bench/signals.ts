import { EventEmitter } from "node:events";

/**
 * What steps tell the process that they run in. `resumed`: the body of `afterResume` runs, at this time
 * (`machineTime()`). `webhook`: a run takes requests at this address. `paused`: the body of `pause` has ended.
 */
export const signals: EventEmitter<{ resumed: [at: number]; webhook: [url: string]; paused: [] }> = new EventEmitter();
