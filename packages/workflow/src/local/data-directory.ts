import { rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowWorldError } from "../world/errors.ts";
import { makeDirectory } from "./make-directory.ts";
import { networkFileSystemOf } from "./network-file-system.ts";

/** Where things are within the data directory. */
export interface DataPaths {
  /** The SQLite file. */
  readonly database: string;
  /** One lock file per joined worker. */
  readonly workers: string;
  /** Where the Worlds on this data can be reached. */
  readonly peers: string;
}

export function pathsIn(directory: string): DataPaths {
  return {
    database: join(directory, "workflow.db"),
    workers: join(directory, "workers"),
    peers: join(directory, "peers"),
  };
}

/** Creates the data directory where it is missing, kept out of version control. Refuses one that machines share. */
export function prepareDirectory(directory: string): DataPaths {
  requireLocal(directory);
  const paths = pathsIn(directory);
  try {
    if (makeDirectory(directory)) keepOutOfVersionControl(directory);
    makeDirectory(paths.workers);
    return paths;
  } catch (error) {
    throw new WorkflowWorldError(
      "WORLD_FAILED",
      `Cannot create the directory ${directory} for workflow data: ${(error as Error).message}. ` +
        `${adviceFor(error)}, or set WORKFLOW_LOCAL_DATA_DIR to a directory that this process can write`,
      { cause: error },
    );
  }
}

function adviceFor(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === "ENOSPC"
    ? "Free some space on the disk"
    : "Make its parent writable";
}

/** A directory that stayed behind without this file would pass for one that the user made. */
function keepOutOfVersionControl(directory: string): void {
  const file = join(directory, ".gitignore");
  try {
    writeFileSync(file, "*\n");
  } catch (error) {
    rmSync(file, { force: true });
    rmdirSync(directory);
    throw error;
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
