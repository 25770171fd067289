import { defineConfig } from "rolldown";
import { workflow } from "workflow/rolldown";

export default defineConfig({
  input: "src/app.ts",
  platform: "node",
  external: ["fastify"],
  output: { dir: "dist", sourcemap: true },
  plugins: [workflow()],
});
