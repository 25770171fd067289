import type { Manifest } from "../compiler/manifest.ts";
import { processWide } from "../world/process-wide.ts";
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
  /** Makes the class register itself, if the deployed code has it. Never rejects. */
  loadClass(classId: string): Promise<void>;
  /** What was built, where there was a build. */
  readonly manifest?: Manifest;
  /**
   * Where files are edited under the process and nothing tells it: resolves once what is registered is as the files are
   * now. Asked before each attempt of a step. Never rejects.
   */
  catchUp?(): Promise<void>;
}

const installed = processWide<Deployment>("workflow.deployment");

export function installDeployment(deployment: Deployment | undefined): void {
  installed.set(deployment);
}

export function currentDeployment(): Deployment | undefined {
  return installed.get();
}
