import { type Changes, changesIn, type SetAttributesOptions, sizeFault } from "../world/attributes.ts";
import { FatalError, WorkflowRunNotFoundError, WorkflowWorldError } from "../world/errors.ts";
import type { NewEvent } from "../world/events.ts";
import { RunExpiredError } from "../world/run-expired-error.ts";
import { currentStep, type StepContext } from "../worker/step-context.ts";

/**
 * Sets attributes of the run, which it is found by: a text sets one, `undefined` removes it, others stay (contract 01
 * section 1.13). In workflow code and in steps. A key has 1 to 256 characters, a value at most 256 bytes, one write at
 * most 8,192 bytes as JSON; a run has at most 64. In a step it resolves once the change is durable; in workflow code
 * the change is part of the history, in the order of the calls, and one too many fails the run.
 * @throws `FatalError` for what cannot be an attribute, for one too many, and elsewhere; nothing is written then.
 *   `RunExpiredError` in a step whose run has ended.
 */
export async function setAttributes(
  attributes: Readonly<Record<string, string | undefined>>,
  options: SetAttributesOptions = {},
): Promise<void> {
  const context = currentStep();
  if (context === undefined) {
    throw fatal(`it works only in the body of a "use workflow" function, or of a "use step" function that one called`);
  }
  const { stepId, attempt } = context.step;
  const changes = requireChanges(changesIn(attributes, options));
  if (changes.length === 0) return;
  const allowed = options.allowReservedAttributes === true ? ({ allowReservedAttributes: true } as const) : {};
  const data = { changes, writer: { type: "step", stepId, attempt }, ...allowed } as const;
  const why = sizeFault(data);
  if (why !== undefined) throw fatal(why);
  await write(context, data);
}

function requireChanges(asked: Changes): (Changes & { readonly kind: "changes" })["changes"] {
  if (asked.kind === "refused") throw fatal(asked.why);
  return asked.changes;
}

async function write({ world, workflow }: StepContext, data: NewEvent<"attr_set">["data"]): Promise<void> {
  const runId = workflow.workflowRunId;
  try {
    const delivery = await world.deliver({ runId }, { type: "attr_set", data, at: world.clock.now() });
    if (delivery.status === "nobody") throw new WorkflowRunNotFoundError(runId);
    if (delivery.status !== "ended") return;
    const { runStatus } = delivery;
    throw new RunExpiredError(`Run ${runId} takes no attributes any more: it is ${runStatus}`, { runId, runStatus });
  } catch (error) {
    if (WorkflowWorldError.is(error) && error.field === "attributes") throw fatal(error.message, error);
    throw error;
  }
}

function fatal(why: string, cause?: unknown): FatalError {
  return new FatalError(`setAttributes(): ${why}`, cause === undefined ? {} : { cause });
}
