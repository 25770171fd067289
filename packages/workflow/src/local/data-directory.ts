import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowWorldError } from "../world/errors.ts";
import { networkFileSystemOf } from "./network-file-system.ts";

/** Where things are within the data directory. */
export interface DataPaths {
  /** The SQLite file. */
  readonly database: string;
  /** One lock file per joined worker. */
  readonly workers: string;
}

/** Creates the data directory where it is missing, kept out of version control. Refuses one that machines share. */
export function prepareDirectory(directory: string): DataPaths {
  requireLocal(directory);
  const paths = { database: join(directory, "workflow.db"), workers: join(directory, "workers") };
  try {
    const created = mkdirSync(directory, { recursive: true });
    if (created !== undefined) writeFileSync(join(directory, ".gitignore"), "*\n");
    mkdirSync(paths.workers, { recursive: true });
    return paths;
  } catch (error) {
    throw new WorkflowWorldError(
      "WORLD_FAILED",
      `Cannot create the directory ${directory} for workflow data: ${(error as Error).message}. ` +
        "Make its parent writable, or set WORKFLOW_LOCAL_DATA_DIR to a directory that this process can write",
      { cause: error },
    );
  }
}

function requireLocal(directory: string): void {
  const found = networkFileSystemOf(directory);
  if (found === undefined) return;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    `The directory ${directory} for workflow data is on a network file system (${found}). The locks and the shared ` +
      "memory of SQLite do not reach other machines, so two of them would damage the data. Nothing was created. Set " +
      "WORKFLOW_LOCAL_DATA_DIR to a directory on a local disk; several machines need a World that is made for them",
  );
}
