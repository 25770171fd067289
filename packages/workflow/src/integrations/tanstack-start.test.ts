import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type InlineConfig, type Plugin, type Rolldown } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { tanstackStart } from "./tanstack-start.ts";

const FRAMEWORK: Plugin = { name: "tanstack-start-core:config" };

const TEXTS: Readonly<Record<string, string>> = {
  "workflow/server": `export const isImported = (globalThis.isImported = true);`,
  "workflow/runtime": `export const withWebhooks = ({ fetch }) => ({ fetch: (path) => path === "/webhook" ? "webhook" : fetch(path) });`,
};

const PACKAGE: Plugin = {
  name: "package",
  enforce: "pre",
  resolveId: (id) => (id in TEXTS ? `\0${id}` : undefined),
  load: (id) => TEXTS[id.slice(1)],
};

interface Built {
  readonly file: string;
  readonly module: { readonly default: { fetch(path: string): unknown }; readonly named: string };
}

async function buildServer(...plugins: readonly Plugin[]): Promise<Built> {
  const root = mkdtempSync(join(tmpdir(), "start-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const entry = join(root, "server.ts");
  writeFileSync(entry, `const page: string = "page"; export const named = page; export default { fetch: () => page };`);
  const config: InlineConfig = {
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [tanstackStart(), ...plugins, PACKAGE],
    build: { ssr: true, rolldownOptions: { input: entry }, write: false },
  };
  const { output } = (await build(config)) as Rolldown.RolldownOutput;
  const module = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return { file: output[0].fileName, module: module as Built["module"] };
}

test("the server has the addresses of webhooks, and imports the server's module", async () => {
  const { file, module } = await buildServer(FRAMEWORK);
  expect(file).toMatch(/^server\./);
  expect(module.named).toBe("page");
  expect(module.default.fetch("/webhook")).toBe("webhook");
  expect(module.default.fetch("/")).toBe("page");
  expect((globalThis as { isImported?: boolean }).isImported).toBe(true);
});

test.each([
  ["of another framework", []],
  ["of Nitro", [FRAMEWORK, { name: "nitro:main" }]],
])("a server %s stays as it is", async (_, plugins) => {
  const { module } = await buildServer(...plugins);
  expect(module.default.fetch("/webhook")).toBe("page");
});
