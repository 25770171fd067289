import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowWorldError } from "../world/errors.ts";

/** Where things are within the data directory. */
export interface DataPaths {
  /** The SQLite file. */
  readonly database: string;
  /** One lock file per joined worker. */
  readonly workers: string;
  /** Where the Worlds on this data can be reached. */
  readonly peers: string;
}

/** Creates the data directory where it is missing, kept out of version control. */
export function prepareDirectory(directory: string): DataPaths {
  const paths = {
    database: join(directory, "workflow.db"),
    workers: join(directory, "workers"),
    peers: join(directory, "peers"),
  };
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
