import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

export interface InstalledSize {
  readonly megabytes: number;
  readonly packages: number;
}

/** What an installation put into `node_modules`, without what links show once more. */
export function installedSize(directory: string): InstalledSize {
  const root = realpathSync(join(directory, "node_modules"));
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && realpathSync(entry.parentPath) === entry.parentPath);
  const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  const packages = files.filter(({ name, parentPath }) => name === "package.json" && isPackageFolder(parentPath));
  return { megabytes: bytes / 1e6, packages: packages.length };
}

function isPackageFolder(path: string): boolean {
  return /[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/@]+$/.test(path);
}
