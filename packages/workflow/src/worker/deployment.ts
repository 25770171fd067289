import type { StoredCode } from "../world/world.ts";

/** The code that is deployed in this process: where new runs get their realm bundle and steps their bodies. */
export interface Deployment {
  /**
   * The realm bundle that new runs of this workflow use.
   * @throws `WorkflowNotRegisteredError`, `WorkflowBuildError`
   */
  codeFor(workflowName: string): Promise<StoredCode>;
  /** Makes the step register itself, if the deployed code has it; a run may need it before any import did. */
  loadStep(stepName: string): Promise<void>;
}

const KEY = Symbol.for("workflow.deployment");

/** One per process, also when bundlers duplicate this module. */
export function installDeployment(deployment: Deployment | undefined): void {
  Reflect.set(globalThis, KEY, deployment);
}

export function currentDeployment(): Deployment | undefined {
  return Reflect.get(globalThis, KEY) as Deployment | undefined;
}
