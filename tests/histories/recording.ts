import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fact, StoredCode, StoredEvent } from "workflow/world";

/** A run as a version of the package left it, with everything that it takes to go on with it. */
export interface Recording {
  readonly runId: string;
  readonly seed: string;
  readonly code: StoredCode;
  readonly history: readonly StoredEvent[];
  /** What the run had been told and not taken in. */
  readonly inbox: readonly Fact[];
}

/** Every recording of every version. */
export function allRecordings(): { readonly name: string; readonly recording: Recording }[] {
  const versions = readdirSync(import.meta.dirname, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && /^\d/.test(entry.name),
  );
  return versions.flatMap(({ name: version }) =>
    readdirSync(join(import.meta.dirname, version)).map((file) => ({
      name: `${version}/${file.replace(".json", "")}`,
      recording: JSON.parse(readFileSync(join(import.meta.dirname, version, file), "utf8")) as Recording,
    })),
  );
}
