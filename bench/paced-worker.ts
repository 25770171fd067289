import { start } from "workflow/api";
import { answerQuestions } from "./conversation.ts";
import { inFlight } from "./measure/timing.ts";
import { signals } from "./signals.ts";
import { paced } from "./workflows.ts";

/** A process with a worker that answers how many steps it has done, of those that wait. Warm when it first answers. */
let steps = 0;
signals.on("paused", () => (steps += 1));
// Its own worker does what it starts itself: afterwards it has joined, and its code is loaded.
await inFlight(5, 100, async () => (await start(paced, [5, 0])).returnValue);
answerQuestions(() => Promise.resolve(steps));
