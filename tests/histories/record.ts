// npm run record-histories [-- --force]
// Records runs of this version of the package in tests/histories/<version>, for later versions to replay.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "../..");
const manifest = readFileSync(join(REPOSITORY, "packages/workflow/package.json"), "utf8");
const { version } = JSON.parse(manifest) as { version: string };
const target = join(import.meta.dirname, version);

if (existsSync(target) && !process.argv.includes("--force")) {
  console.error(
    `There are histories of ${version} already, and what a released version has written must stay as it is. ` +
      "Raise the version first; if this one is not released yet, add `-- --force`",
  );
  process.exit(1);
}

rmSync(target, { recursive: true, force: true });
const data = mkdtempSync(join(tmpdir(), "workflow-histories-"));
try {
  const scenarios = join(import.meta.dirname, "scenarios.ts");
  execFileSync(process.execPath, ["--import", "workflow/register", scenarios, target], {
    cwd: REPOSITORY,
    env: { ...process.env, WORKFLOW_WORKER: "off", WORKFLOW_LOCAL_DATA_DIR: data, WORKFLOW_TARGET_WORLD: "local" },
    stdio: "inherit",
  });
} finally {
  rmSync(data, { recursive: true, force: true });
}
