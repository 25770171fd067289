import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^workflow$/, replacement: source("packages/workflow/src/index.ts") },
      { find: /^workflow\/(.+)$/, replacement: source("packages/workflow/src/$1.ts") },
      { find: /^@workflow\/serde$/, replacement: source("packages/serde/src/index.ts") },
      { find: /^@workflow\/world$/, replacement: source("packages/world/src/index.ts") },
      { find: /^@workflow\/world\/testkit$/, replacement: source("packages/world/src/testkit/index.ts") },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
