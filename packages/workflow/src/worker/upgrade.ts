import { WorkflowNotRegisteredError } from "../world/errors.ts";
import type { Turn, World } from "../world/world.ts";
import { currentDeployment } from "./deployment.ts";

/** A run that continues as new goes on with the code that is deployed now, where that has its workflow. */
export async function upgraded(world: World, workflowName: string, turn: Turn): Promise<Turn> {
  const last = turn.entries.at(-1);
  if (last?.kind !== "continue") return turn;
  const codeHash = await newestCode(world, workflowName).catch(() => last.codeHash);
  return { ...turn, entries: [...turn.entries.slice(0, -1), { ...last, codeHash }] };
}

/**
 * The hash of the code that new runs of a workflow use; it is stored then.
 * @throws whatever keeps the deployed code from having it
 */
async function newestCode(world: World, workflowName: string): Promise<string> {
  const code = await currentDeployment()?.codeFor(workflowName);
  if (code === undefined) throw new WorkflowNotRegisteredError(workflowName);
  await world.code.put(code);
  return code.hash;
}
