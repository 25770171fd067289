import { buildRealmBundle, type RealmBundle } from "./realm-bundle.ts";

/**
 * Builds each module's bundle once for the life of the process: its steps are loaded once too, and code that was
 * deployed under a running process must not meet steps from before. A refused build is tried again.
 */
export function createBundleCache(root: string): (file: string) => Promise<RealmBundle> {
  const bundles = new Map<string, Promise<RealmBundle>>();
  return (file) => {
    const bundle = bundles.get(file) ?? buildRealmBundle({ file, root });
    bundles.set(file, bundle);
    const forget = (): void => void bundles.delete(file);
    bundle.then(({ status }) => status === "refused" && forget(), forget);
    return bundle;
  };
}
