import { answerQuestions } from "./conversation.ts";
import { signals } from "./signals.ts";
import "./workflows.ts";

/** A process with a worker that answers how many steps it has done, of those that wait. */
let steps = 0;
signals.on("paused", () => (steps += 1));
answerQuestions(() => Promise.resolve(steps));
