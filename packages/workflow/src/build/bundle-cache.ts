import { statSync } from "node:fs";
import { buildRealmBundle, type RealmBundle } from "./realm-bundle.ts";

export interface BundleCacheOptions {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  /**
   * Builds a bundle anew when one of its files has changed. Otherwise a bundle is built once for the life of the process:
   * its steps are loaded once too, and code that was deployed under a running process must not meet steps from before.
   */
  readonly followEdits?: boolean;
}

/** The time of files lags the clock by a tick of the kernel. */
const TICK_MS = 20;

/** Builds each module's bundle once. A refused build is tried again. */
export function createBundleCache({
  root,
  followEdits = false,
}: BundleCacheOptions): (file: string) => Promise<RealmBundle> {
  const bundles = new Map<string, { readonly bundle: Promise<RealmBundle>; readonly begunAt: number }>();
  return async (file) => {
    const known = bundles.get(file);
    if (known !== undefined && !(followEdits && hasChanged(await known.bundle, known.begunAt)))
      return await known.bundle;
    const bundle = buildRealmBundle({ file, root });
    bundles.set(file, { bundle, begunAt: Date.now() - TICK_MS });
    const forget = (): void => {
      if (bundles.get(file)?.bundle === bundle) bundles.delete(file);
    };
    bundle.then(({ status }) => status === "refused" && forget(), forget);
    return await bundle;
  };
}

function hasChanged(bundle: RealmBundle, since: number): boolean {
  if (bundle.status === "refused") return true;
  return bundle.files.some((file) => (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) >= since);
}
