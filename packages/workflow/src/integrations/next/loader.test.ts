import { join } from "node:path";
import { expect, test } from "vitest";
import loader from "./loader.ts";

const root = "/project";
const instrumentation = join(root, "instrumentation.ts");
const server = "./app/.well-known/workflow/v1/server.js";

interface Loaded {
  readonly error: Error | null;
  readonly code?: string | undefined;
  readonly map?: unknown;
}

function load(path: string, source: string, map?: unknown): Loaded {
  let loaded: Loaded | undefined;
  const context = {
    resourcePath: join(root, path),
    getOptions: () => ({ root, instrumentation, server }),
    callback: (error: Error | null, code?: string, made?: unknown) => (loaded = { error, code, map: made }),
  };
  loader.call(context, source, map);
  if (loaded === undefined) throw new Error("the loader is not synchronous");
  return loaded;
}

test("directives are compiled, with a map to the file", () => {
  const { code, map } = load("flow.ts", `export async function flow() { "use workflow"; }\n`);
  expect(code).toContain("workflow//./flow//flow");
  expect(map).toMatchObject({ sources: [join(root, "flow.ts")] });
});

test("a file without directives stays, with the map that it has", () => {
  expect(load("page.tsx", "export default 1;", "its map")).toEqual({
    error: null,
    code: "export default 1;",
    map: "its map",
  });
});

test("the instrumentation file imports the server's module first, on its first line, and not during the build", () => {
  const { code = "" } = load("instrumentation.ts", "import a from 'a';\nexport function register() {}\n");
  const [first, ...others] = code.split("\n");
  expect(first).toContain(`await import("${server}"); import a from 'a';`);
  expect(first).toContain(`process.env.NEXT_RUNTIME === "nodejs"`);
  expect(first).toContain(`process.env.NEXT_PHASE !== "phase-production-build"`);
  expect(others).toEqual(["export function register() {}", ""]);
});

test("another file of that name does not", () => {
  expect(load("lib/instrumentation.ts", "export {};").code).toBe("export {};");
});

test("what the compiler refuses is told to the bundler", () => {
  expect(load("flow.ts", `export function flow() { "use workflow"; }`).error?.message).toContain("flow.ts");
});
