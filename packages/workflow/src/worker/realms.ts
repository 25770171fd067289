import { createRealm, type Realm, type RealmOptions } from "../replay/create-realm.ts";
import { WorkflowRuntimeError } from "../world/errors.ts";
import type { StoredCode, World } from "../world/world.ts";

/** The realms of a worker, one per code hash. */
export interface Realms {
  get(codeHash: string): Promise<{ readonly realm: Realm; readonly code: StoredCode }>;
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
    async get(codeHash) {
      const pending = codes.get(codeHash) ?? load(codeHash);
      codes.set(codeHash, pending);
      const code = await pending;
      const known = realms.get(codeHash);
      if (known !== undefined) return { realm: known, code };
      const realm = createRealm(code, options);
      realms.set(codeHash, realm);
      return { realm, code };
    },
    ownerOf(promise) {
      for (const realm of realms.values()) if (realm.owns(promise)) return realm;
      return undefined;
    },
  };
}
