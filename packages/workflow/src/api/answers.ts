import { responseValue } from "../serialization/http-values.ts";
import { deserialize, type Handles, serialize } from "../serialization/serialize.ts";
import { currentStep, type StepContext } from "../worker/step-context.ts";
import { EntityConflictError, NotInStepContextError, SerializationError, WorkflowError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import type { World } from "../world/world.ts";
import { portableHeaders } from "./portable-headers.ts";
import { MOST_BODY_BYTES, readBytes } from "../serialization/read-bytes.ts";
import { getWorld } from "./world-access.ts";

/** A step's answer to a request, as a World keeps it. */
interface Answer {
  readonly response: Response;
  readonly stepId: string;
  readonly attempt: number;
}

/**
 * Answers a request for whose caller a process waits. Resolves once the answer is durable. An attempt that repeats a
 * step may answer again: what an earlier attempt answered stands.
 * @throws `EntityConflictError` when the request was answered before; `NotInStepContextError`; `WorkflowError`
 *   `INVALID_ARGUMENT` for what is no response that can be sent; `SerializationError` for a body over 25 MB.
 */
export async function answerRequest(requestId: string, response: Response, handles: Handles): Promise<void> {
  const context = currentStep();
  if (context === undefined) throw new NotInStepContextError("respondWith");
  const { stepId, attempt } = context.step;
  const value = { response: await responseOf(response, requestId), stepId, attempt };
  const answer = serialize(value, { what: "webhook response", of: requestId });
  const world = await getWorld();
  if (await world.answers.put(requestId, answer)) return;
  if (!(await answeredByEarlierAttempt(world, requestId, context, handles))) throw answered(requestId);
}

/** The response of a stored answer. */
export function responseOfAnswer(answer: Payload, handles: Handles): Response {
  return (deserialize(answer, handles) as Answer).response;
}

/** A step that answered and died before it had a result runs again, and must come through here. */
async function answeredByEarlierAttempt(
  world: World,
  requestId: string,
  { step, workflow }: StepContext,
  handles: Handles,
): Promise<boolean> {
  const first = await world.answers.wait(requestId, { runId: workflow.workflowRunId, timeoutMs: 0 });
  if (first === null) return false;
  const { stepId, attempt } = deserialize(first, handles) as Answer;
  return stepId === step.stepId && attempt < step.attempt;
}

async function responseOf(response: Response, requestId: string): Promise<object> {
  const { status, statusText, url, bodyUsed } = response;
  if (!(status >= 200 && status <= 599)) throw unusable(requestId, `is no Response with a status from 200 to 599`);
  if (bodyUsed) throw unusable(requestId, "has a body that was read before. Make a new Response, or clone() it first");
  const body = await readBytes(response.body, MOST_BODY_BYTES);
  if (body.status === "too large") throw tooLarge(requestId);
  const headers = new Headers(response.headers);
  // Only what came from `fetch` has a URL, and `fetch` has decoded it.
  if (url !== "") headers.delete("content-encoding");
  const sent = portableHeaders(headers, body.bytes?.byteLength ?? 0);
  return responseValue({ status, statusText, headers: sent, body: body.bytes });
}

function unusable(requestId: string, what: string): WorkflowError {
  return new WorkflowError("INVALID_ARGUMENT", `What respondWith() was given for request ${requestId} ${what}`);
}

function tooLarge(requestId: string): SerializationError {
  return new SerializationError(
    `The response to request ${requestId} has a body of more than ${MOST_BODY_BYTES} bytes`,
    {
      code: "PAYLOAD_TOO_LARGE",
      hint: "Store it elsewhere and answer with its address. Nothing was sent, so the request can still be answered",
    },
  );
}

function answered(requestId: string): EntityConflictError {
  return new EntityConflictError(
    `Request ${requestId} was answered before. Call respondWith() once for each request; its caller has the first answer`,
  );
}
