import { registeredSteps, type StepFunction } from "../compiler/registration.ts";
import { NotInWorkflowContextError, WorkflowError } from "../world/errors.ts";

/**
 * A step whose statements are committed together with its result. Its function gets a client first, within a
 * transaction on the database of the World (PostgreSQL), and workflow code calls it without the client:
 *
 *     export const reserve = transactional(async (client: PoolClient, sku: string) => {
 *       "use step";
 *       await client.query("UPDATE stock SET free = free - 1 WHERE sku = $1", [sku]);
 *     });
 *
 * What it writes through the client happens exactly once for each step that completes, whatever dies when; a body that
 * throws, or whose run another worker has taken over, has written nothing. The transaction is not the body's to end. At
 * the top level of a module.
 * @throws `WorkflowError` `INVALID_ARGUMENT` for a function without `"use step"`, or one within another function.
 */
export function transactional<Client, Args extends unknown[], Result>(
  step: (client: Client, ...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  const within = step as unknown as StepFunction;
  const { stepId } = within;
  const called = (): Promise<never> => Promise.reject(new NotInWorkflowContextError(step.name));
  // Its name, its id and what was assigned to it.
  Object.defineProperties(called, Object.getOwnPropertyDescriptors(step));
  if (stepId !== undefined) registerWithin(stepId, within, called);
  return called;
}

function registerWithin(stepId: string, within: StepFunction, fn: StepFunction): void {
  const registered = registeredSteps().get(stepId);
  if (registered === undefined || !("fn" in registered) || registered.fn !== within) {
    throw new WorkflowError(
      "INVALID_ARGUMENT",
      `transactional() takes a step at the top level of its module, once, which ${stepId} is not. Move it there, and pass it what it needs`,
    );
  }
  registeredSteps().set(stepId, { fn, within });
}
