import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./server",
  modules: ["workflow/nitro"],
  errorHandler: "./server/error.ts",
  sourcemap: true,
});
