import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";
import { workflow } from "workflow/vite";

const port = Number(process.env["PORT"] ?? 5173);

export default defineConfig({
  plugins: [reactRouter(), workflow({ dirs: ["workflows"] })],
  server: { host: "127.0.0.1", port, strictPort: true },
});
