// Builds src/server.ts of the app in the working directory to dist/server.js, as each bundler is used for servers:
// node build.ts <bundler>
import { resolve } from "node:path";
import type { Configuration as RspackConfiguration } from "@rspack/core";
import type { Configuration, Stats } from "webpack";

const INPUT = "src/server.ts";
const TYPESCRIPT_LOADER = resolve(import.meta.dirname, "typescript-loader.cjs");

const builds: Readonly<Record<string, () => Promise<unknown>>> = {
  async vite() {
    const [{ build }, { workflow }] = [await import("vite"), await import("workflow/vite")];
    await build({ configFile: false, plugins: [workflow()], build: { ssr: INPUT, outDir: "dist", sourcemap: true } });
  },
  async rollup() {
    const [{ rollup }, { workflow }] = [await import("rollup"), await import("workflow/rollup")];
    const { transform } = await import("esbuild");
    const typescript = {
      name: "typescript",
      transform: (code: string, file: string) =>
        file.endsWith(".ts") ? transform(code, { loader: "ts", sourcemap: true, sourcefile: file }) : null,
    };
    // Rollup knows nothing of node_modules by itself; most have a plugin for that.
    const library = resolve("node_modules/farewells/lib/workflows.js");
    const packages = {
      name: "packages",
      resolveId: (name: string) => (name === "farewells/workflows" ? library : null),
    };
    const built = await rollup({ input: INPUT, plugins: [workflow(), packages, typescript], external: /^node:/ });
    await built.write({ dir: "dist", sourcemap: true });
  },
  async rolldown() {
    const [{ rolldown }, { workflow }] = [await import("rolldown"), await import("workflow/rolldown")];
    const built = await rolldown({ input: INPUT, platform: "node", plugins: [workflow()] });
    await built.write({ dir: "dist", sourcemap: true });
  },
  async esbuild() {
    const [{ build }, { workflow }] = [await import("esbuild"), await import("workflow/esbuild")];
    const output = { outdir: "dist", format: "esm", splitting: true, sourcemap: true } as const;
    await build({ entryPoints: [INPUT], bundle: true, platform: "node", ...output, plugins: [workflow()] });
  },
  async webpack() {
    const [{ default: webpack }, { workflow }] = [await import("webpack"), await import("workflow/webpack")];
    await compiled((done) => webpack({ ...webpackLike, plugins: [workflow()] } as object as Configuration, done));
  },
  async rspack() {
    const [{ rspack }, { workflow }] = [await import("@rspack/core"), await import("workflow/rspack")];
    await compiled((done) =>
      rspack({ ...webpackLike, plugins: [workflow()] } as object as RspackConfiguration, done as never),
    );
  },
};

/** Servers often keep all packages out of their bundle; these are the ways to say so. */
const PACKAGE = /^[\w@]/;
const keptOut = ({ request = "" }: { readonly request?: string }): string | undefined =>
  PACKAGE.test(request) ? request : undefined;
const externals = [
  PACKAGE,
  (data: { readonly request?: string }, done: (error?: null, request?: string) => void) => done(null, keptOut(data)),
  async (data: { readonly request?: string }) => keptOut(data),
];

const webpackLike = {
  mode: "production",
  target: "node22",
  entry: { server: `./${INPUT}` },
  devtool: "source-map",
  optimization: { minimize: false },
  output: { path: resolve("dist"), filename: "[name].js", module: true, chunkFormat: "module" },
  experiments: { outputModule: true },
  externals,
  module: { rules: [{ test: /\.ts$/, loader: TYPESCRIPT_LOADER }] },
};

function compiled(run: (done: (error: Error | null, stats?: Stats) => void) => void): Promise<void> {
  return new Promise((done, fail) => {
    run((error, stats) => {
      if (error !== null) fail(error);
      else if (stats?.hasErrors() === true) fail(new Error(stats.toString({ all: false, errors: true })));
      else done();
    });
  });
}

await builds[process.argv[2] ?? ""]?.();
