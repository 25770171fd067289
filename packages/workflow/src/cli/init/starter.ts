import { posix } from "node:path";
import { firstFile, type Project } from "./project.ts";

/** A new file. */
export interface Addition {
  readonly path: string;
  readonly text: string;
}

/** What is written in TypeScript only. */
export interface Dialect {
  readonly extension: "ts" | "js" | "mjs";
  /** `: string`, or nothing. */
  type(name: string): string;
  /** The expression, as this type. */
  as(expression: string, type: string): string;
}

const TYPESCRIPT: Dialect = {
  extension: "ts",
  type: (name) => `: ${name}`,
  as: (expression, type) => `(${expression}) as ${type}`,
};

const JAVASCRIPT: Dialect = { extension: "js", type: () => "", as: (expression) => expression };

/** Of a project whose files a bundler reads. */
export function dialectOf({ typescript }: Project): Dialect {
  return typescript ? TYPESCRIPT : JAVASCRIPT;
}

/** Of a project whose files Node reads: it has to know which of them are ES modules. */
export function nodeDialectOf({ typescript, manifest }: Project): Dialect {
  if (typescript) return TYPESCRIPT;
  return manifest.type === "module" ? JAVASCRIPT : { ...JAVASCRIPT, extension: "mjs" };
}

/** The extension that an import of such a file has; the one of `x.ts` once it is compiled. */
export function importedExtension({ extension }: Dialect): string {
  return extension === "mjs" ? ".mjs" : ".js";
}

/** The workflow that the routes are about: a step, and a wait for what one of them is given. */
export function helloWorkflow(folder: string, { extension, type }: Dialect): Addition {
  const text = `import { createHook, getWorkflowMetadata } from "workflow";

/** Runs until it waits for an answer, for as long as that takes, and then goes on. */
export async function hello(name${type("string")})${type("Promise<string>")} {
  "use workflow";

  const greeting = await greet(name);
  const answer = createHook${extension === "ts" ? "<{ text: string }>" : ""}({ token: \`hello:\${getWorkflowMetadata().workflowRunId}\` });
  const { text } = await answer;
  return \`\${greeting} \${name} says: \${text}\`;
}

/** What a workflow does to the world, it does in steps. The result is recorded, so this is not done again. */
async function greet(name${type("string")})${type("Promise<string>")} {
  "use step";

  console.log(\`Hello, \${name}!\`);
  return \`Hello, \${name}!\`;
}
`;
  return { path: `${folder}/hello.${extension}`, text };
}

/** How a file imports another one, both from the app's folder. `to` has the extension that it is imported with. */
export function importPath(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Imports of the two routes, `to` being the module of the workflow. */
export function startImports(to: string): string {
  return `import { start } from "workflow/api";\nimport { hello } from "${to}";`;
}

export const RESUME_IMPORTS = `import { resumeHook } from "workflow/api";\nimport { HookNotFoundError } from "workflow/errors";`;

/** Statements of a function that answers a \`Request\` with a \`Response\`, in lines. */
export function startLines({ as }: Dialect, body = "request.json()"): readonly string[] {
  return [
    `const { name } = ${as(`await ${body}`, "{ name: string }")};`,
    "const { runId } = await start(hello, [name]);",
    "return Response.json({ runId }, { status: 202 });",
  ];
}

export function resumeLines({ as }: Dialect, body = "request.json()"): readonly string[] {
  return [
    `const { runId, text } = ${as(`await ${body}`, "{ runId: string; text: string }")};`,
    "try {",
    "  await resumeHook(`hello:${runId}`, { text });",
    "  return Response.json({ runId });",
    "} catch (error) {",
    "  if (!HookNotFoundError.is(error)) throw error;",
    "  return Response.json({ error: error.message }, { status: 404 });",
    "}",
  ];
}

/** Lines further in, as text. */
export function indented(lines: readonly string[], by: number): string {
  return lines.map((line) => " ".repeat(by) + line).join("\n");
}

/** The first workflow and its routes: all of them, or none where the user has a file of such a name that says something else. */
export type Starter =
  | { readonly status: "wanted"; readonly additions: readonly Addition[] }
  | { readonly status: "in-the-way"; readonly path: string };

export function starterOf(project: Project, additions: readonly Addition[]): Starter {
  const inTheWay = additions.flatMap(({ path, text }) => {
    const own = firstFile(project, spellingsOf(path));
    return own === undefined || (own === path && project.read(own) === text) ? [] : [own];
  });
  const [path] = inTheWay;
  return path === undefined ? { status: "wanted", additions } : { status: "in-the-way", path };
}

/** The same module in whichever language. */
function spellingsOf(path: string): string[] {
  const beginning = path.replace(/\.\w+$/, "");
  return [path, ...["ts", "tsx", "js", "jsx", "mjs", "mts"].map((extension) => `${beginning}.${extension}`)];
}
