import { installDeployment } from "../worker/deployment.ts";
import { installHooks, type HookOptions } from "./hooks.ts";
import { findProjectRoot } from "./project-root.ts";
import { createSourceDeployment, type SourceDeployment, type SourceDeploymentOptions } from "./source-deployment.ts";

/** Makes this thread run TypeScript and workflow code, and the files of the project be what this process has deployed. */
export function deploySources({
  appLoaded,
  ...hooks
}: Pick<SourceDeploymentOptions, "appLoaded"> & Pick<HookOptions, "onMain">): SourceDeployment {
  const root = findProjectRoot(process.cwd());
  const deployment = createSourceDeployment({ root, appLoaded });
  installHooks({ ...hooks, root, onModule: deployment.add });
  installDeployment(deployment);
  return deployment;
}
