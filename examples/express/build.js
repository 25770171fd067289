import { build } from "esbuild";
import { workflow } from "workflow/esbuild";

await build({
  entryPoints: ["src/app.ts"],
  outdir: "dist",
  platform: "node",
  format: "esm",
  bundle: true,
  splitting: true,
  packages: "external",
  sourcemap: true,
  plugins: [workflow()],
});
