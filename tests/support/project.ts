import { join } from "node:path";
import { rolldown } from "rolldown";
import { makeProject } from "../../packages/workflow/src/build/fixtures/project.ts";
import { createSourceDeployment } from "../../packages/workflow/src/build/source-deployment.ts";
import { compile } from "../../packages/workflow/src/compiler/compile.ts";
import { registeredClasses, registeredSteps } from "../../packages/workflow/src/compiler/registration.ts";
import { installDeployment } from "../../packages/workflow/src/worker/deployment.ts";

const SERDE = join(import.meta.dirname, "../../packages/serde/src/index.ts");

/**
 * Deploys a project as users write it: its realm code is bundled, and the host code of `main` is compiled and loaded here.
 * Returns what `main` exports. Nothing in it may import the engine on the host.
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
  const code = await hostCode(root, files, main);
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Exports;
}

async function hostCode(root: string, files: Readonly<Record<string, string>>, main: string): Promise<string> {
  const bundle = await rolldown({
    input: join(root, main),
    platform: "node",
    external: [/^node:/],
    treeshake: false,
    plugins: [
      {
        name: "host",
        load(id) {
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
