import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { addFiles, makeProject } from "../../build/fixtures/project.ts";
import type { NextConfig } from "./next-config.ts";
import { withWorkflow, type WithWorkflowOptions } from "./with-workflow.ts";

const ORDER = `export async function order(id: string) { "use workflow"; return charge(id); }
async function charge(id: string) { "use step"; return id; }
`;

const FILES = { "tsconfig.json": "{}", "app/page.tsx": "export default () => null;", "workflows/order.ts": ORDER };

const GENERATED = "app/.well-known/workflow/v1";

const BUILD = "phase-production-build";
const DEVELOPMENT = "phase-development-server";

/** A project in which Next.js is started. */
function projectOf(files: Readonly<Record<string, string>> = FILES): string {
  const root = makeProject(files);
  vi.spyOn(process, "cwd").mockReturnValue(root);
  vi.stubEnv("WORKFLOW_NEXT_PREPARED", undefined);
  onTestFinished(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });
  return root;
}

function configOf(phase: string, config: NextConfig = {}, options?: WithWorkflowOptions): Promise<NextConfig> {
  return withWorkflow(config, options)(phase, undefined);
}

function textOf(root: string, path: string): string {
  return readFileSync(join(root, path), "utf8");
}

test("a build gets what the server imports, with a bundle, and the route of webhooks", async () => {
  const root = projectOf();
  await configOf(BUILD);
  const server = textOf(root, `${GENERATED}/server.js`);
  const [, hash] = /"workflow\/\/\.\/workflows\/order\/\/order":"([0-9a-f]{64})"/.exec(server) ?? [];
  expect(server).toContain(`import("./code/${hash}.js")`);
  expect(server).toContain(`import("../../../../workflows/order.ts")`);
  expect(textOf(root, `${GENERATED}/code/${hash}.js`)).toContain("export default {");
  expect(textOf(root, `${GENERATED}/webhook/[token]/route.ts`)).toContain("export const POST = answer;");
  expect(textOf(root, `${GENERATED}/.gitignore`)).toBe("*\n");
});

test("the next build leaves what is the same, and nothing that is not used any more", async () => {
  const root = projectOf();
  await configOf(BUILD);
  const route = join(root, GENERATED, "webhook/[token]/route.ts");
  const before = [statSync(route).mtimeMs, textOf(root, `${GENERATED}/server.js`)];
  const [, hash] = /"([0-9a-f]{64})"/.exec(String(before[1])) ?? [];

  addFiles(root, { "workflows/order.ts": ORDER.replace("charge(id)", "charge(id + id)") });
  vi.stubEnv("WORKFLOW_NEXT_PREPARED", undefined);
  await configOf(BUILD);
  expect(statSync(route).mtimeMs).toBe(before[0]);
  expect(textOf(root, `${GENERATED}/server.js`)).not.toBe(before[1]);
  expect(existsSync(join(root, GENERATED, `code/${hash}.js`))).toBe(false);
});

test("the other processes of a build do not do it again", async () => {
  const root = projectOf();
  await configOf(BUILD);
  rmSync(join(root, GENERATED), { recursive: true });
  const config = await configOf(BUILD);
  expect(existsSync(join(root, GENERATED))).toBe(false);
  expect(config.serverExternalPackages).toEqual(["workflow"]);
});

test("in development a route has the step modules, since Next.js follows the edits of routes", async () => {
  const root = projectOf();
  const { logging } = await configOf(DEVELOPMENT, { logging: { incomingRequests: { ignore: [/health/] } } });
  const route = textOf(root, `${GENERATED}/webhook/[token]/route.ts`);
  expect(route).toContain(`import("../../../../../../workflows/order.ts")`);
  expect(textOf(root, `${GENERATED}/server.js`)).toContain("deployInDevelopment");
  expect(existsSync(join(root, GENERATED, "code"))).toBe(false);
  const ignored = (logging as { incomingRequests: { ignore: RegExp[] } }).incomingRequests.ignore;
  expect(ignored.map((pattern) => pattern.test("/.well-known/workflow/v1/webhook/steps"))).toEqual([false, true]);
});

test("a build has the routes that there were in development, without what they did there", async () => {
  const root = projectOf();
  await configOf(DEVELOPMENT);
  const routes = (): readonly string[] =>
    readdirSync(join(root, GENERATED), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("route.ts"),
    );
  const before = routes();
  await configOf(BUILD);
  expect(routes()).toEqual(before);
  expect(textOf(root, `${GENERATED}/webhook/[token]/route.ts`)).not.toContain("order.ts");
});

test("a server that was built gets the config as it is, and nothing is written", async () => {
  const root = projectOf();
  const config = { basePath: "/docs" };
  expect(await configOf("phase-production-server", config)).toBe(config);
  expect(existsSync(join(root, GENERATED))).toBe(false);
  expect(existsSync(join(root, "instrumentation.ts"))).toBe(false);
});

test("a config that is a function is given the phase and the context, and may take its time", async () => {
  projectOf();
  const made = vi.fn<(phase: string, context: { defaultConfig: object }) => Promise<object>>();
  made.mockResolvedValue({ reactStrictMode: true });
  const context = { defaultConfig: {} };
  const config = await withWorkflow(made)(BUILD, context);
  expect(made).toHaveBeenCalledWith(BUILD, context);
  expect(config).toMatchObject({ reactStrictMode: true, serverExternalPackages: ["workflow"] });
});

test("what the user's config says is kept beside what is added", async () => {
  projectOf();
  const rules = { "*.svg": { loaders: ["svg"] }, "*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}": { loaders: ["mine"] } };
  const config = await configOf(BUILD, {
    serverExternalPackages: ["sharp", "workflow"],
    transpilePackages: ["ui"],
    turbopack: { rules },
    experimental: { typedEnv: true },
  });
  expect(config.serverExternalPackages).toEqual(["sharp", "workflow"]);
  expect(config.transpilePackages).toEqual(["ui"]);
  expect(config.turbopack?.rules?.["*.svg"]).toEqual({ loaders: ["svg"] });
  expect(config.turbopack?.rules?.["*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}"]).toHaveLength(2);
  expect(config.experimental).toEqual({ serverSourceMaps: true, typedEnv: true });
  expect(await configOf(BUILD, {}, { workflows: { sourcemap: false } })).not.toHaveProperty("experimental");
});

test("webpack compiles directives for the server on Node alone, after the user's own changes", async () => {
  projectOf();
  const mine = { module: { rules: ["mine"] as unknown[] } };
  const { webpack } = await configOf(BUILD, { webpack: () => mine });
  const rulesFor = (nextRuntime?: "nodejs" | "edge"): number => {
    const given = { module: { rules: [] } };
    const changed = webpack?.(given, nextRuntime === undefined ? {} : { nextRuntime }) as typeof mine;
    expect(changed).toBe(mine);
    return changed.module.rules.length;
  };
  expect([rulesFor("edge"), rulesFor(), rulesFor("nodejs")]).toEqual([1, 1, 2]);
});

test("a dependency with workflow code is compiled, also where the config calls it external", async () => {
  projectOf({
    ...FILES,
    "package.json": `{ "name": "app", "dependencies": { "flows": "1.0.0", "sharp": "1.0.0" } }`,
    "node_modules/flows/package.json": `{ "name": "flows", "version": "1.0.0", "exports": "./index.js", "peerDependencies": { "workflow": "*" } }`,
    "node_modules/flows/index.js": `export async function ship(id) { "use workflow"; return id; }`,
    "node_modules/sharp/package.json": `{ "name": "sharp", "version": "1.0.0" }`,
  });
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const config = await configOf(BUILD, { serverExternalPackages: ["flows", "sharp"] });
  expect(config.serverExternalPackages).toEqual(["sharp", "workflow"]);
  expect(config.transpilePackages).toEqual(["flows"]);
  expect(warned.mock.lastCall?.[0]).toMatch(/^flows: has workflow code/);
});

test("the addresses of webhooks have the base path, and the port that is said", async () => {
  const root = projectOf();
  await configOf(BUILD, { basePath: "/docs" }, { workflows: { local: { port: 4000 } } });
  expect(textOf(root, `${GENERATED}/server.js`)).toContain("`http://localhost:4000/docs`");
});

test.each([
  ["TypeScript", FILES, undefined, "instrumentation.ts"],
  ["JavaScript", { "pages/index.js": "" }, undefined, "instrumentation.js"],
  ["a source folder", { "src/pages/index.js": "" }, undefined, "src/instrumentation.js"],
  ["extensions of its own", FILES, ["page.tsx", "page.ts"], "instrumentation.page.ts"],
])("a project of %s gets the file that runs when the server starts", async (_kind, files, pageExtensions, created) => {
  const root = projectOf(files);
  await configOf(BUILD, pageExtensions === undefined ? {} : { pageExtensions });
  expect(textOf(root, created)).toContain("export function register() {}");
  const route = created
    .replace("instrumentation", `${GENERATED}/webhook/[token]/route`)
    .replace(/^(.*)src\//, "src/$1");
  expect(existsSync(join(root, route))).toBe(true);
});

test("an instrumentation file that is there is left as it is", async () => {
  const root = projectOf({ ...FILES, "instrumentation.js": "export const register = () => {};" });
  await configOf(BUILD);
  expect(textOf(root, "instrumentation.js")).toBe("export const register = () => {};");
  expect(existsSync(join(root, "instrumentation.ts"))).toBe(false);
});

test("what is wrong with a workflow ends the build", async () => {
  projectOf({ ...FILES, "workflows/order.ts": `export function order() { "use workflow"; }` });
  await expect(configOf(BUILD)).rejects.toThrow(/WORKFLOW_BUILD_FAILED|async/);
});
