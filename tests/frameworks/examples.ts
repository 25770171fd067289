import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { REPOSITORY } from "../packages/npm.ts";
import { actionsInBrowser } from "./next-browser.ts";
import type { Place } from "./place.ts";

/** The same small app in one framework: `examples/NAME`. */
export interface Example {
  readonly name: string;
  /** Where it is; absolute. */
  readonly folder: string;
  /** What belongs to it: paths in the folder, without what an installation or a build has put there. */
  readonly files: readonly string[];
  /** The path of the one file that all examples share, in the folder. */
  readonly orderFile: string;
  readonly settings: ExampleSettings;
}

export interface ExampleSettings {
  /** What is typed after `npm run dev`, where the development server does not go by PORT and HOST. */
  readonly devArguments?: (port: number) => readonly string[];
  /** What is tried beside what all have in common, once the other parts went well. */
  readonly special?: (place: Place, port: number) => Promise<void>;
}

/** What is special about some. */
const SETTINGS: Readonly<Record<string, ExampleSettings>> = {
  astro: { devArguments: (port) => ["--port", `${port}`] },
  next: { special: actionsInBrowser },
  sveltekit: { devArguments: (port) => ["--port", `${port}`, "--strictPort"] },
};

/** By this an example is one of a framework: it is a project of its own, and no workspace of the repository. */
const MARK = "file:../../packages/workflow";

export function findExamples(): readonly Example[] {
  const folder = join(REPOSITORY, "examples");
  const names = readdirSync(folder).filter(
    (name) => packageOf(join(folder, name))?.dependencies?.["workflow"] === MARK,
  );
  return names.map((name) => readExample(name, join(folder, name)));
}

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Undefined where there is none: a folder that a switch of branches has left. */
export function packageOf(folder: string): Package | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
  } catch {
    return undefined;
  }
}

function readExample(name: string, folder: string): Example {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const files = execFileSync("git", args, { cwd: folder, encoding: "utf8" }).split("\0").filter(Boolean);
  const [orderFile, ...others] = files.filter((file) => basename(file) === "order.ts");
  if (orderFile === undefined || others.length > 0) throw new Error(`examples/${name} needs exactly one order.ts`);
  return { name, folder, files, orderFile, settings: SETTINGS[name] ?? {} };
}
