import { join } from "node:path";
import { start } from "workflow/api";
import * as errors from "workflow/errors";
import { hostCode } from "../../packages/workflow/src/build/fixtures/host-code.ts";
import { makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { registeredClasses, registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";
import { eventTypes, type Scenario } from "./scenario.ts";

/** The host code that a test loads has to have the classes of the engine that the test has. */
const ERRORS = `export const { ${Object.keys(errors).join(", ")} } = globalThis[Symbol.for("tests.errors")];`;
Reflect.set(globalThis, Symbol.for("tests.errors"), errors);

const SERDE = join(import.meta.dirname, "../../packages/serde/src/index.ts");

/** The text of each file, by its path. */
export type Files = Readonly<Record<string, string>>;

/**
 * Deploys a project as users write it: its realm code is bundled, and the host code of all files is compiled and loaded
 * here. Returns what `main` exports. On the host it may import nothing of the engine but `workflow/errors`.
 */
export async function deployProject<Exports>(files: Files, main: string): Promise<Exports> {
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

export interface Outcome<Exports> {
  /** What the run returned, or what it rejected with. */
  readonly value: unknown;
  readonly exports: Exports;
  readonly events: readonly string[];
}

/** Deploys a project and runs `main` of its `src/flow.ts`. */
export async function runProject<Exports>(
  { openWorld, startEngine }: Pick<Scenario, "openWorld" | "startEngine">,
  files: Files,
  argsOf: (exports: Exports) => unknown[] = () => [],
): Promise<Outcome<Exports>> {
  const exports = await deployProject<Exports>(files, "src/flow.ts");
  const world = await openWorld();
  await startEngine({ world });
  const run = await start({ workflowId: "workflow//./src/flow//main" }, argsOf(exports));
  const value = await run.returnValue.catch((error: unknown) => error);
  return { value, exports, events: await eventTypes(world, run.runId) };
}
