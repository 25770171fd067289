import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface InstalledSize {
  readonly megabytes: number;
  readonly packages: number;
}

/** What an installation put into `node_modules`. */
export function installedSize(directory: string): InstalledSize {
  const root = join(directory, "node_modules");
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  const packages = files.filter(({ name, parentPath }) => name === "package.json" && isPackageFolder(parentPath));
  return { megabytes: bytes / 1e6, packages: packages.length };
}

function isPackageFolder(path: string): boolean {
  return /[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/@]+$/.test(path);
}
