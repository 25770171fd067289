import { createRealm, type Realm, type RealmOptions } from "../replay/create-realm.ts";
import { WorkflowRuntimeError } from "../world/errors.ts";
import type { StoredCode, World } from "../world/world.ts";

/** How many realms without a live run are kept, so that the next run of their code need not make one. */
const MOST_IDLE = 8;

/** The realms of a worker, one per code hash. Those that no live run uses are let go, least recently used first. */
export interface Realms {
  /** Bundles stay in memory as long as their realm does. */
  codeOf(codeHash: string): Promise<StoredCode>;
  of(code: StoredCode): Realm;
  /** The realm that made a promise, if one of them did. */
  ownerOf(promise: unknown): Realm | undefined;
}

interface Kept {
  readonly realm: Realm;
  live: number;
}

export function createRealms(world: Pick<World, "code">, options: RealmOptions): Realms {
  const codes = new Map<string, Promise<StoredCode>>();
  /** In the order of their last use. */
  const realms = new Map<string, Kept>();

  const load = async (codeHash: string): Promise<StoredCode> => {
    const code = await world.code.get(codeHash);
    if (code !== null) return code;
    throw new WorkflowRuntimeError(`The World has no code ${codeHash}. Was its data copied without its code table?`);
  };

  const letGo = (): void => {
    const idle = [...realms].filter(([, { live }]) => live === 0);
    for (const [hash] of idle.slice(0, Math.max(idle.length - MOST_IDLE, 0))) {
      realms.delete(hash);
      codes.delete(hash);
    }
  };

  const keep = (code: StoredCode): Kept => {
    const made = createRealm(code, options);
    const onDispose = (): void => {
      kept.live -= 1;
      if (kept.live === 0) letGo();
    };
    const kept: Kept = {
      live: 0,
      realm: {
        ...made,
        instantiate(identity, instanceOptions) {
          kept.live += 1;
          return made.instantiate(identity, { ...instanceOptions, onDispose });
        },
      },
    };
    return kept;
  };

  return {
    codeOf(codeHash) {
      const known = codes.get(codeHash);
      if (known !== undefined) return known;
      const code = load(codeHash);
      codes.set(codeHash, code);
      code.catch(() => codes.delete(codeHash));
      return code;
    },
    of(code) {
      const kept = realms.get(code.hash) ?? keep(code);
      realms.delete(code.hash);
      realms.set(code.hash, kept);
      return kept.realm;
    },
    ownerOf(promise) {
      for (const { realm } of realms.values()) if (realm.owns(promise)) return realm;
      return undefined;
    },
  };
}
