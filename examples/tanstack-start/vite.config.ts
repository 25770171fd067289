import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import viteReact from "@vitejs/plugin-react";
import { nitro } from "nitro/vite";
import { defineConfig } from "vite";
import { workflow } from "workflow/vite";

export default defineConfig({
  plugins: [workflow(), nitro(), tanstackStart(), viteReact()],
  server: { host: "127.0.0.1", strictPort: true },
});
