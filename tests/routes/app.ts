// The handlers in an application that is started with register: prints, as one JSON document, what each answered and
// what the run got that waited.
import { setTimeout as pause } from "node:timers/promises";
import { getHookByToken, start } from "workflow/api";
import { confirmBooking } from "./actions.ts";
import { POST as callback } from "./callback.ts";
import { POST as invite } from "./invite.ts";
import { POST as review } from "./review.ts";
import { waiting } from "./waiting.ts";

const post = (body: unknown, query = ""): Request =>
  new Request(`http://localhost/${query}`, { method: "POST", body: JSON.stringify(body) });

const HANDLERS = {
  invite: (token: string) => invite(post({ token, answer: { come: true } })),
  review: (token: string) => review(post({ token, accepted: true, note: "fine" })),
  action: (token: string) => confirmBooking(token, true).catch((error: Error) => error.message),
  callback: (token: string) => callback(post({ paid: 7 }, `?token=${token}`)),
};

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(5);
}

async function answerOf(answer: Response | string): Promise<unknown> {
  return answer instanceof Response ? [answer.status, await answer.text()] : answer;
}

async function ask(name: string, handler: (token: string) => Promise<Response | string>): Promise<object> {
  const unknown = await answerOf(await handler("nobody"));
  const run = await start(waiting, [name]);
  await until(() =>
    getHookByToken(name).then(
      () => true,
      () => false,
    ),
  );
  const known = await answerOf(await handler(name));
  return { name, runId: run.runId, unknown, known, got: await run.returnValue };
}

const asked = await Promise.all(Object.entries(HANDLERS).map(([name, handler]) => ask(name, handler)));
console.log(JSON.stringify(asked));
