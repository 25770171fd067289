// What the bundler plugin costs builds of an app that has no directives: npm run bench:build [-- <bundler>...]
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { rolldown } from "rolldown";
import { build as vite } from "vite";
import { workflow as forEsbuild } from "workflow/esbuild";
import { workflow as forRolldown } from "workflow/rolldown";
import { workflow as forVite } from "workflow/vite";

const FILES = 500;
const ROUNDS = 15;

/** Modules of some two hundred lines that import each other, the way that apps are. */
function writeApp(): string {
  const app = mkdtempSync(join(tmpdir(), "build-time-"));
  mkdirSync(join(app, "src"));
  mkdirSync(join(app, "node_modules"));
  symlinkSync(join(import.meta.dirname, "../packages/workflow"), join(app, "node_modules/workflow"));
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
  for (let n = 0; n < FILES; n += 1) {
    const next = [2 * n + 1, 2 * n + 2].filter((other) => other < FILES);
    const imports = next.map((other) => `import { value${other}, Part${other} } from "./part${other}.ts";`);
    const uses = next.map((other) => `  total += value${other}(depth - 1) + new Part${other}("x").size();`);
    const fillers = Array.from(
      { length: 40 },
      (_, i) => `
export function filler${n}_${i}(items: readonly { id: string; amount: number }[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { id, amount } of items) totals[id] = (totals[id] ?? 0) + amount * ${i};
  return totals;
}`,
    );
    writeFileSync(
      join(app, `src/part${n}.ts`),
      `${imports.join("\n")}
export class Part${n} {
  constructor(private readonly name: string) {}
  size(): number { return this.name.length + ${n}; }
}
export function value${n}(depth: number): number {
  let total = ${n};
  if (depth === 0) return total;
${uses.join("\n")}
  return total + Object.keys(filler${n}_0([{ id: "a", amount: 1 }])).length;
}
${fillers.join("\n")}
`,
    );
  }
  writeFileSync(join(app, "src/server.ts"), `import { value0 } from "./part0.ts";\nconsole.log(value0(9));\n`);
  return app;
}

const app = writeApp();
process.chdir(app);
const input = "src/server.ts";

const builds: Readonly<Record<string, (withPlugin: boolean) => Promise<unknown>>> = {
  vite: (withPlugin) =>
    vite({
      configFile: false,
      logLevel: "silent",
      plugins: withPlugin ? [forVite()] : [],
      build: { ssr: input, outDir: "dist", sourcemap: true },
    }),
  async rolldown(withPlugin) {
    const built = await rolldown({ input, platform: "node", plugins: withPlugin ? [forRolldown()] : [] });
    await built.write({ dir: "dist", sourcemap: true });
  },
  esbuild: (withPlugin) =>
    esbuild({
      entryPoints: [`${app}/${input}`],
      bundle: true,
      platform: "node",
      format: "esm",
      outdir: "dist",
      sourcemap: true,
      plugins: withPlugin ? [forEsbuild()] : [],
    }),
};

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await task();
  return performance.now() - since;
}

try {
  const named = process.argv.slice(2);
  for (const [name, build] of Object.entries(builds)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const times = { without: [] as number[], with: [] as number[] };
    for (let round = -2; round < ROUNDS; round += 1) {
      const without = await timed(() => build(false));
      const withPlugin = await timed(() => build(true));
      if (round < 0) continue;
      times.without.push(without);
      times.with.push(withPlugin);
    }
    const ratio = median(times.with.map((time, index) => time / (times.without[index] ?? time)));
    const [without, withPlugin] = [median(times.without), median(times.with)];
    console.log(
      `${name}: ${FILES} files, ${without.toFixed(0)} ms without the plugin, ${withPlugin.toFixed(0)} ms with it, ` +
        `ratio of pairs ${ratio.toFixed(3)} (goal 1.10)`,
    );
  }
} finally {
  process.chdir("/");
  rmSync(app, { recursive: true, force: true });
}
