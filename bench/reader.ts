import { getRun } from "workflow/api";
import { machineTime } from "./clock.ts";
import { answerQuestions } from "./conversation.ts";

/** A process that reads one chunk of a run's stream, and answers when it had it. */
answerQuestions(async ({ runId, startIndex }: { readonly runId: string; readonly startIndex: number }) => {
  const reader = getRun(runId).getReadable({ startIndex }).getReader();
  await reader.read();
  const came = machineTime();
  await reader.cancel();
  return came;
});
