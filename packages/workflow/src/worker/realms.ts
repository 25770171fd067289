import { createRealm, type Realm, type RealmOptions } from "../replay/create-realm.ts";
import { WorkflowRuntimeError } from "../world/errors.ts";
import type { StoredCode, World } from "../world/world.ts";

/** The realms of a worker, one per code hash. */
export interface Realms {
  /** Bundles stay in memory once read. */
  codeOf(codeHash: string): Promise<StoredCode>;
  of(code: StoredCode): Realm;
  /** The realm that made a promise, if one of them did. */
  ownerOf(promise: unknown): Realm | undefined;
}

export function createRealms(world: World, options: RealmOptions): Realms {
  const codes = new Map<string, Promise<StoredCode>>();
  const realms = new Map<string, Realm>();

  const load = async (codeHash: string): Promise<StoredCode> => {
    const code = await world.code.get(codeHash);
    if (code !== null) return code;
    codes.delete(codeHash);
    throw new WorkflowRuntimeError(`The World has no code ${codeHash}. Was its data copied without its code table?`);
  };

  return {
    codeOf(codeHash) {
      const code = codes.get(codeHash) ?? load(codeHash);
      codes.set(codeHash, code);
      return code;
    },
    of(code) {
      const realm = realms.get(code.hash) ?? createRealm(code, options);
      realms.set(code.hash, realm);
      return realm;
    },
    ownerOf(promise) {
      for (const realm of realms.values()) if (realm.owns(promise)) return realm;
      return undefined;
    },
  };
}
