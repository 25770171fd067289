import { resumeHook } from "workflow/api";
import { machineTime } from "./clock.ts";
import { answerQuestions } from "./conversation.ts";

/** A process that resumes the hook whose token it is told, and answers when it began to. */
answerQuestions(async (token: string) => {
  const before = machineTime();
  await resumeHook(token, null);
  return before;
});
