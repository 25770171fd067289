import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { installProject, outsideOfScripts } from "../packages/npm.ts";
import type { Example } from "./examples.ts";

/** A fresh folder with an example, installed as its users would. */
export interface Place {
  readonly app: string;
  readonly data: string;
  readonly orderFile: string;
  /** All that is printed there. */
  readonly log: string;
}

/** Copies an example and installs it with the packed `workflow` in place of the repository's. */
export async function preparePlace({ folder, files, orderFile }: Example, at: string, tarball: string): Promise<Place> {
  const app = join(at, "app");
  for (const file of files) cpSync(join(folder, file), join(app, file));
  mkdirSync(join(at, "data"));
  const manifest = join(app, "package.json");
  const { dependencies, ...rest } = JSON.parse(readFileSync(manifest, "utf8")) as { dependencies: object };
  const changed = { ...rest, dependencies: { ...dependencies, workflow: `file:${tarball}` } };
  writeFileSync(manifest, JSON.stringify(changed, null, 2));
  await installProject(app);
  return { app, data: join(at, "data"), orderFile: join(app, orderFile), log: join(at, "output.log") };
}

/** The environment of whoever types a command there: this Node, and nothing that is meant for the runner. */
export function environmentIn(place: Place): NodeJS.ProcessEnv {
  const foreign = /^(WORKFLOW_|VITEST|NODE_OPTIONS$|NODE_ENV$|FORCE_COLOR$|CI$|PORT$|HOST$)/;
  const own = Object.entries(outsideOfScripts()).filter(([name]) => !foreign.test(name));
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  // Next.js would report its use to its makers.
  return { ...Object.fromEntries(own), PATH, NEXT_TELEMETRY_DISABLED: "1", WORKFLOW_LOCAL_DATA_DIR: place.data };
}
