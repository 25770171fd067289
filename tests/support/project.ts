import { join } from "node:path";
import { rolldown } from "rolldown";
import * as errors from "workflow/errors";
import { makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { compile } from "../../packages/workflow/src/compiler/compile.ts";
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
  const code = `${await hostCode(root, files, main)}\n// ${root}`;
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Exports;
}

async function hostCode(root: string, files: Readonly<Record<string, string>>, main: string): Promise<string> {
  const imports = Object.keys(files).map((path) => `import ${JSON.stringify(join(root, path))};`);
  const entry = `${imports.join("")} export * from ${JSON.stringify(join(root, main))};`;
  const bundle = await rolldown({
    input: "entry",
    cwd: root,
    platform: "node",
    external: [/^node:/],
    treeshake: false,
    plugins: [
      {
        name: "host",
        resolveId: (id) => (id === "entry" || id === "workflow/errors" ? id : null),
        load(id) {
          if (id === "entry") return entry;
          if (id === "workflow/errors") return ERRORS;
          const path = Object.keys(files).find((name) => join(root, name) === id);
          if (path === undefined) return null;
          const moduleSpecifier = `./${path.replace(/\.ts$/, "")}`;
          const { code, diagnostics } = compile({ source: files[path] ?? "", file: id, moduleSpecifier, mode: "host" });
          if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
          return { code, moduleType: "ts" };
        },
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
