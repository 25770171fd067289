import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { bundledWriter } from "./packages/workflow/build/bundled-writer.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Far longer than all others. Vitest begins with large files, and these are small: at the end one core would have nothing to do. */
const SLOWEST = ["src/local/local.test.ts", "tests/crash/crash.test.ts"];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOWEST.some((end) => moduleId.endsWith(end));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  plugins: [bundledWriter()],
  resolve: {
    alias: [
      { find: /^workflow$/, replacement: source("packages/workflow/src/index.ts") },
      { find: /^workflow\/(.+)$/, replacement: source("packages/workflow/src/$1.ts") },
      { find: /^@workflow\/serde$/, replacement: source("packages/serde/src/index.ts") },
      { find: /^@workflow\/world$/, replacement: source("packages/world/src/index.ts") },
      { find: /^@workflow\/world-postgres$/, replacement: source("packages/world-postgres/src/index.ts") },
      { find: /^@workflow\/world\/testkit$/, replacement: source("packages/world/src/testkit/index.ts") },
    ],
  },
  test: {
    globalSetup: "tests/support/postgres/setup.ts",
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 20_000,
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
  },
});
