import { resolve } from "node:path";
import type { Durability } from "./connection.ts";

export interface Settings {
  /** Absolute. */
  readonly directory: string;
  readonly durability: Durability;
}

export const DEFAULT_DIRECTORY = ".workflow-data";

/** What the caller leaves open comes from the environment. */
export function readSettings(given: { readonly directory?: string; readonly durability?: Durability }): Settings {
  return {
    directory: resolve(given.directory ?? (process.env["WORKFLOW_LOCAL_DATA_DIR"] || DEFAULT_DIRECTORY)),
    durability: given.durability ?? durabilityFrom(process.env["WORKFLOW_LOCAL_DURABILITY"]),
  };
}

const warnedAbout = new Set<string>();

function durabilityFrom(value: string | undefined): Durability {
  if (value === "process" || value === "full") return value;
  if (value !== undefined && value !== "" && !warnedAbout.has(value)) {
    warnedAbout.add(value);
    process.emitWarning(
      `WORKFLOW_LOCAL_DURABILITY is ${JSON.stringify(value)}; it can be "full" or "process". Using "full"`,
    );
  }
  return "full";
}
