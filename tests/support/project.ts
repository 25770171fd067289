import { join } from "node:path";
import * as errors from "workflow/errors";
import { hostCode } from "../../packages/workflow/src/build/fixtures/host-code.ts";
import { makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { registeredClasses, registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";

/** The host code that a test loads has to have the classes of the engine that the test has. */
const ERRORS = `export const { ${Object.keys(errors).join(", ")} } = globalThis[Symbol.for("tests.errors")];`;
Reflect.set(globalThis, Symbol.for("tests.errors"), errors);

const SERDE = join(import.meta.dirname, "../../packages/serde/src/index.ts");

/**
 * Deploys a project as users write it: its realm code is bundled, and the host code of all files is compiled and loaded
 * here. Returns what `main` exports. On the host it may import nothing of the engine but `workflow/errors`.
 */
export async function deployProject<Exports>(files: Readonly<Record<string, string>>, main: string): Promise<Exports> {
  const root = makeProject({
    ...files,
    "node_modules/@workflow/serde/package.json": `{ "name": "@workflow/serde", "type": "module", "main": "index.js" }`,
    "node_modules/@workflow/serde/index.js": `export { WORKFLOW_DESERIALIZE, WORKFLOW_SERIALIZE } from ${JSON.stringify(SERDE)};`,
  });
  registeredSteps().clear();
  registeredClasses().clear();
  installDeployment(createSourceDeployment({ root, appLoaded: () => Promise.resolve() }));
  // Another text each time, or the module would not be evaluated again.
  const code = `${await hostCode({ root, files, main, errors: ERRORS })}\n// ${root}`;
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Exports;
}
