import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nitro as viteNitro } from "./nitro-vite.ts";
import { createNitroModule, nitroModule } from "./nitro.ts";
import type { BundlerConfig, Nitro } from "./nitro-shape.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "nitro-")));
  write(
    "app/package.json",
    JSON.stringify({ name: "app", type: "module", dependencies: { "@workflow/world-x": "1" } }),
  );
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

interface Built {
  readonly nitro: Nitro;
  /** The plugins of the bundler, after the module has added its own. */
  plugins(given?: NonNullable<BundlerConfig["plugins"]>): readonly Plugin[];
}

function setUp(version: 2 | 3, options: Partial<Nitro["options"]> = {}, module = nitroModule): Built {
  const hooks: ((nitro: unknown, config: BundlerConfig) => void)[] = [];
  const nitro: Nitro = {
    meta: { majorVersion: version },
    options: {
      rootDir: join(root, "app"),
      dev: false,
      preset: "node-server",
      scanDirs: [join(root, "app/server")],
      handlers: [],
      plugins: [],
      virtual: {},
      ...options,
    },
    hooks: { hook: (_name, on) => hooks.push(on) },
  };
  module.setup(nitro);
  return {
    nitro,
    plugins(given = []) {
      const config: BundlerConfig = { plugins: given };
      for (const hook of hooks) hook(nitro, config);
      return config.plugins as readonly Plugin[];
    },
  };
}

const STEP = `export async function NAME() { "use step"; }`;

/** The text of the server's bundle, where this package and the app's modules stay outside. */
async function serverOf(plugins: readonly Plugin[]): Promise<string> {
  const entry = { name: "entry", resolveId: (id: string) => (id === "entry" ? "\0entry" : null) };
  const build = await rolldown({
    input: "entry",
    plugins: [{ ...entry, load: (id) => (id === "\0entry" ? `import "workflow/server";` : null) }, ...plugins],
    external: (id) => id.startsWith(root),
  });
  const { output } = await build.generate({ format: "esm" });
  return output[0].code;
}

describe.each([2, 3] as const)("of version %i", (version) => {
  test("the server imports its module and answers webhooks, whatever else it has", () => {
    const { options } = setUp(version, {
      plugins: ["./mine.ts"],
      handlers: [{ route: "/**", handler: "./all.ts" }],
    }).nitro;
    expect(options.plugins).toEqual(["./mine.ts", "#workflow/server-plugin"]);
    expect(options.virtual["#workflow/server-plugin"]).toContain(`import "workflow/server"`);
    expect(options.handlers.map(({ route }) => route)).toEqual(["/**", "/.well-known/workflow/v1/**"]);
    expect(options.virtual).toHaveProperty([options.handlers[1]?.handler ?? ""]);
  });

  test("what renders pages while the app is built has neither", () => {
    const { options } = setUp(version, { preset: "nitro-prerender" }).nitro;
    expect(options.plugins).toEqual([]);
    expect(options.handlers).toEqual([]);
  });

  test("steps are found in the project, and in layers that are not in it", async () => {
    write("app/work/mine.ts", STEP.replace("NAME", "mine"));
    write("layer/server/theirs.ts", STEP.replace("NAME", "theirs"));
    const scanDirs = [join(root, "app/server"), join(root, "layer/server")];
    const server = await serverOf(setUp(version, { scanDirs }).plugins());
    expect(server).toContain("//./work/mine//mine");
    expect(server).toContain("//theirs");
  });

  test.each([
    ["its configuration", { workflow: { dirs: ["flows"], typescriptPlugin: true } }, nitroModule],
    ["the framework", { workflow: { dirs: ["work"] } }, createNitroModule({ dirs: ["flows"] })],
  ])("steps are looked for where %s says", async (_who, options, module) => {
    write("app/flows/wanted.ts", STEP.replace("NAME", "wanted"));
    write("app/work/unwanted.ts", STEP.replace("NAME", "unwanted"));
    const server = await serverOf(setUp(version, options, module).plugins());
    expect(server).toContain("//wanted");
    expect(server).not.toContain("unwanted");
  });

  test("the addresses of webhooks have the port of whoever works on the project, unless something else is said", () => {
    vi.stubEnv("WORKFLOW_LOCAL_BASE_URL", undefined);
    setUp(version, { devServer: { port: 4001 } });
    expect(process.env["WORKFLOW_LOCAL_BASE_URL"]).toBeUndefined();
    setUp(version, { dev: true, devServer: { port: 4001 } });
    expect(process.env["WORKFLOW_LOCAL_BASE_URL"]).toBe("http://localhost:4001");
    setUp(version, { dev: true, devServer: { port: 4002 } });
    expect(process.env["WORKFLOW_LOCAL_BASE_URL"]).toBe("http://localhost:4001");
  });
});

describe("in Vite", () => {
  test("the files are followed as they change, and Nitro's own plugins decide first what is copied", async () => {
    write("app/work/mine.ts", STEP.replace("NAME", "mine"));
    const built = setUp(3, { builder: "vite", dev: true, devServer: {} }).plugins([{ name: "nitro:externals" }]);
    expect(built.map(({ name }) => name)).toEqual(["nitro:externals", "workflow"]);
    expect(built[1]?.resolveId).toHaveProperty("order", "pre");
    expect(await serverOf(built)).toContain("deployInDevelopment");
  });

  test("the module of Nitro and the plugin of Vite are one", () => {
    const { nitro } = setUp(3, { builder: "vite" });
    viteNitro().nitro.setup(nitro);
    expect(nitro.options.handlers).toHaveLength(1);
    expect(nitro.options.plugins).toHaveLength(1);
  });
});

describe("what stays outside of the bundle", () => {
  const library = (): void => {
    write("app/package.json", JSON.stringify({ name: "app", dependencies: { shop: "1" } }));
    const manifest = { name: "shop", exports: "./index.js", peerDependencies: { workflow: "*" } };
    write("app/node_modules/shop/package.json", JSON.stringify(manifest));
  };
  const shop = (): string => join(root, "app/node_modules/shop/index.js");

  test("version 3 copies this package and the Worlds of the project, and what the user names", () => {
    const { options } = setUp(3, { traceDeps: ["sharp"] }).nitro;
    expect(options.traceDeps).toEqual(["sharp", "workflow", "@workflow/world-x"]);
  });

  test("libraries with workflows do not", () => {
    library();
    const { options } = setUp(3, { noExternals: ["mine"] }).nitro;
    const inside = (options.noExternals as (string | RegExp)[]).filter((item) => item instanceof RegExp);
    expect(inside.some((pattern) => pattern.test("shop"))).toBe(true);
    expect(inside.some((pattern) => pattern.test(shop()))).toBe(true);
    expect(inside.some((pattern) => pattern.test("workshop"))).toBe(false);
    expect(setUp(3, { noExternals: true }).nitro.options.noExternals).toBe(true);
  });

  test("a library of the same repository, which is a link, does not either", () => {
    library();
    renameSync(join(root, "app/node_modules/shop"), join(root, "shop"));
    symlinkSync(join(root, "shop"), join(root, "app/node_modules/shop"));
    const inside = (setUp(3).nitro.options.noExternals as RegExp[]).filter((item) => item instanceof RegExp);
    expect(inside.some((pattern) => pattern.test(join(root, "shop/index.js")))).toBe(true);
    expect(inside.some((pattern) => pattern.test(join(root, "shop/node_modules/other/index.js")))).toBe(false);
  });

  test("version 2 is told by functions, which count more than what Nuxt says of packages with modules", () => {
    library();
    const { externals } = setUp(2, { externals: { inline: ["workflow"] } }).nitro.options;
    const isOutside = externals?.external?.find((matcher) => typeof matcher === "function");
    expect(isOutside?.("workflow/api")).toBe(true);
    expect(isOutside?.(join(root, "app/node_modules/workflow/dist/api.js"))).toBe(true);
    expect(isOutside?.("workflows/order")).toBe(false);
    const inside = (externals?.inline ?? []).filter((item) => item instanceof RegExp);
    const goesIn = (id: string): boolean => inside.some((pattern) => pattern.test(id));
    expect(goesIn(shop())).toBe(true);
    expect(goesIn(join(root, "app/jobs/plain.js"))).toBe(true);
    expect(goesIn(join(root, "app/node_modules/other/index.js"))).toBe(false);
  });

  test("version 2 decides itself, and so copies it; only a package that it finds nowhere is left to the module", async () => {
    const seen: string[] = [];
    const externals: Plugin = {
      name: "node-externals",
      resolveId(id) {
        if (!id.startsWith("workflow/")) return null;
        seen.push(id);
        return id === "workflow/http" ? { id: "copied", external: true } : null;
      },
    };
    const entry: Plugin = {
      name: "entry",
      resolveId: (id) => (id === "entry" ? "\0entry" : null),
      load: (id) =>
        id === "\0entry" ? `import "workflow/http"; import "workflow/api"; import "workflow/server";` : null,
    };
    const plugins = setUp(2).plugins([entry, externals]);
    const { output } = await (await rolldown({ input: "entry", plugins: [...plugins] })).generate({ format: "esm" });
    expect(output[0].imports.toSorted()).toEqual(["copied", "workflow/api", "workflow/runtime"]);
    expect(seen).toContain("workflow/http");
    expect(seen).not.toContain("workflow/server");
  });
});

describe("the plugin of the server", () => {
  /** What the server does when it starts, with a stand-in for this package; and what it waits for when it ends. */
  async function started(options: Partial<Nitro["options"]>): Promise<() => unknown> {
    const text = (setUp(3, options).nitro.options.virtual["#workflow/server-plugin"] ?? "")
      .replace(`import "workflow/server";`, "")
      .replace(`import { stopAppWorker } from "workflow/runtime";`, `const stopAppWorker = () => "stopped";`);
    const exported = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
      default(app: object): void;
    };
    let close: (() => unknown) | undefined;
    exported.default({ hooks: { hook: (_name: "close", on: () => unknown) => (close = on) } });
    return () => close?.();
  }

  test("a server that ends waits for its worker; after an edit, the next server does not", async () => {
    expect((await started({}))()).toBe("stopped");
    expect((await started({ dev: true }))()).toBeUndefined();
  });

  test("the addresses of webhooks have the port that only Nitro knows", async () => {
    vi.stubEnv("WORKFLOW_LOCAL_BASE_URL", undefined);
    vi.stubEnv("NITRO_PORT", "4004");
    await started({});
    expect(process.env["WORKFLOW_LOCAL_BASE_URL"]).toBe("http://localhost:4004");
  });
});

describe("the handler of webhooks", () => {
  /** What the virtual module exports, with a stand-in for this package. */
  async function handlerOf(version: 2 | 3): Promise<(event: object) => unknown> {
    const { virtual, handlers } = setUp(version).nitro.options;
    const text = (virtual[handlers[0]?.handler ?? ""] ?? "").replace(
      /^import .* from "workflow\/http";$/m,
      `const createWebhookHandler = () => (request) => "answer to " + request;
       const toNodeListener = (handle) => (req, res) => { res.body = handle(req); };`,
    );
    return ((await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { default: () => unknown }).default;
  }

  test("of version 3 answers the request of the event", async () => {
    expect((await handlerOf(3))({ req: "POST" })).toBe("answer to POST");
  });

  test("of version 2 is done when the response of Node is", async () => {
    const handle = await handlerOf(2);
    const response = Object.assign(new EventEmitter(), { body: "" });
    let isDone = false;
    const handled = (handle({ node: { req: "POST", res: response } }) as Promise<void>).then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(response.body).toBe("answer to POST");
    expect(isDone).toBe(false);
    response.emit("close");
    await handled;
  });
});
