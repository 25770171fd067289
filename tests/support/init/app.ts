import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Flags } from "../../../packages/workflow/src/cli/flags.ts";
import type { Terminal } from "../../../packages/workflow/src/cli/terminal.ts";
import { initialize } from "../../../packages/workflow/src/cli/init/initialize.ts";

/** Apps as their starters make them, with the files that matter. */
export const PROJECTS_FOLDER: string = join(import.meta.dirname, "../../../packages/workflow/src/cli/init/fixtures");
export const PROJECTS: readonly string[] = readdirSync(PROJECTS_FOLDER);

export interface App {
  readonly folder: string;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Every file, with its text. */
  files(): Record<string, string>;
  /** `answers` are typed one after another; without them there is nobody to ask. */
  init(flags?: Partial<Pick<Flags, "framework" | "yes">>, answers?: readonly (() => string)[]): Promise<Said>;
}

export interface Said {
  /** Whether nothing is left to do. */
  readonly whole: boolean;
  readonly said: string;
  readonly diff: string;
}

/** A copy of one of {@link PROJECTS}, or an app of these files. */
export function openApp(from: string | Readonly<Record<string, string>>, folder: string = temporaryFolder()): App {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  if (typeof from === "string") cpSync(join(PROJECTS_FOLDER, from), folder, { recursive: true });
  else for (const [path, text] of Object.entries(from)) write(path, text);
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");

  async function init(
    flags: Partial<Pick<Flags, "framework" | "yes">> = { yes: true },
    answers: readonly (() => string)[] = [],
  ): Promise<Said> {
    const said: string[] = [];
    const left = [...answers];
    const terminal: Terminal = {
      width: undefined,
      print: (text) => void said.push(text),
      note: () => {},
      ask: async () => left.shift()?.(),
      paint: (_style, text) => text,
    };
    const whole = await initialize(folder, { yes: false, ...flags }, terminal);
    return { whole, said: said.join("\n"), diff: said.filter((text) => text.startsWith("--- ")).join("\n") };
  }

  function files(): Record<string, string> {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .filter((path) => !path.startsWith(".git/"));
    return Object.fromEntries(paths.map((path) => [path, read(path)]));
  }

  return { folder, read, write, files, init };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "init-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function manifest(dependencies: Readonly<Record<string, string>>, rest: object = {}): string {
  return JSON.stringify({ type: "module", dependencies: { workflow: "0.1.0", ...dependencies }, ...rest }, null, 2);
}
