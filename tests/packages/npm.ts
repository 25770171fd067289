import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const REPOSITORY: string = join(import.meta.dirname, "../..");

/** The workspaces that are published. */
export const PACKAGES: readonly PackedName[] = [
  "@workflow/serde",
  "workflow",
  "@workflow/world",
  "@workflow/world-postgres",
];

export type PackedName = "@workflow/serde" | "workflow" | "@workflow/world" | "@workflow/world-postgres";

export type Tarballs = Readonly<Record<PackedName, string>>;

/** Packs every published package, as it is built now. Gives the paths of the tarballs. */
export async function packPackages(into: string): Promise<Tarballs> {
  mkdirSync(into, { recursive: true });
  const workspaces = PACKAGES.flatMap((name) => ["--workspace", name]);
  const text = await npm(["pack", "--json", "--pack-destination", into, ...workspaces], REPOSITORY);
  const packed = Object.values(JSON.parse(text)) as { name: PackedName; filename: string }[];
  const found = new Map(packed.map(({ name, filename }) => [name, join(into, basename(filename))]));
  const pathOf = (name: PackedName): string => found.get(name) ?? fail(`npm pack made no tarball of ${name}`);
  return {
    "@workflow/serde": pathOf("@workflow/serde"),
    workflow: pathOf("workflow"),
    "@workflow/world": pathOf("@workflow/world"),
    "@workflow/world-postgres": pathOf("@workflow/world-postgres"),
  };
}

/** Makes `directory` a project of its own and installs tarballs there, as a user would. */
export async function installTarballs(directory: string, tarballs: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  await installProject(directory, tarballs);
}

/** Installs what a project names, and whatever is added. */
export async function installProject(directory: string, added: readonly string[] = []): Promise<void> {
  await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", ...added], directory);
}

/** Unpacks a tarball; its files are then below `package/`. */
export async function unpack(tarball: string, into: string): Promise<string> {
  mkdirSync(into, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", into]);
  return join(into, "package");
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run("npm", [...args], { cwd, env: outsideOfScripts(), maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** What `npm run` adds for its script would tell the npm below it to work in the repository. */
export function outsideOfScripts(): NodeJS.ProcessEnv {
  const own = /^npm_(lifecycle_|package_|command$|config_(local_prefix|prefix|workspace|include_workspace_root))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function fail(message: string): never {
  throw new Error(message);
}
