import type { DatabaseSync } from "node:sqlite";
import { LEASE_TTL_MS } from "../world/world.ts";
import { type Refusal, refuse } from "../world-parts/flat.ts";
import { type Operation } from "./operations.ts";
import type { ProcessLocks } from "./process-lock.ts";

/** Who is alive, as the operations of one connection see it. */
export interface Workers {
  readonly join: Operation<"join">;
  readonly renew: Operation<"renew">;
  readonly leave: Operation<"leave">;
  /** The row of a worker that has joined and that nobody has given up. */
  present(worker: string): number | undefined;
  /** Marks every other worker that has not renewed in time. */
  burySilent(self: number, elapsed: number): void;
  /** The same, and every dead one whose runs someone could use now. */
  buryDead(self: number, now: number, elapsed: number): void;
  /** Marks one worker if it is dead. True when it is, or was before. */
  buryIfDead(id: number, elapsed: number): boolean;
  /** The rows of dead workers that still name runs. */
  buried(): readonly number[];
  /** Removes marks that no run needs any more. */
  forgetBuried(): void;
}

export function prepareWorkers(db: DatabaseSync, locks: ProcessLocks): Workers {
  const find = db.prepare("SELECT id FROM workers WHERE worker = ? AND gone = 0");
  const findById = db.prepare("SELECT worker, renewed_at FROM workers WHERE id = ? AND gone = 0");
  const others = db.prepare("SELECT id FROM workers WHERE gone = 0 AND id <> ?");
  const wantedOthers = db.prepare(`
    SELECT id FROM workers w WHERE gone = 0 AND id <> ? AND EXISTS
      (SELECT 1 FROM runs INDEXED BY runs_owned WHERE owner = w.id AND due_at <= ?)`);
  const insert = db.prepare("INSERT INTO workers (worker, renewed_at) VALUES (?, ?)");
  const touch = db.prepare("UPDATE workers SET renewed_at = ? WHERE id = ?");
  const buryName = db.prepare("UPDATE workers SET gone = 1 WHERE worker = ? AND gone = 0");
  const buryId = db.prepare("UPDATE workers SET gone = 1 WHERE id = ?");
  const buryLate = db.prepare("UPDATE workers SET gone = 1 WHERE gone = 0 AND id <> ? AND renewed_at <= ?");
  const findBuried = db.prepare("SELECT id FROM workers WHERE gone = 1");
  const forget = db.prepare(`
    DELETE FROM workers WHERE gone = 1 AND NOT EXISTS
      (SELECT 1 FROM runs INDEXED BY runs_owned WHERE owner = workers.id)`);

  const present = (worker: string): number | undefined => find.get(worker)?.["id"] as number | undefined;

  const buried = (): readonly number[] => findBuried.all().map((row) => row["id"] as number);

  const forgetBuried = (): void => {
    if (buried().length > 0) forget.run();
  };

  const burySilent = (self: number, elapsed: number): void => {
    buryLate.run(self, elapsed - LEASE_TTL_MS);
  };

  const buryIfDead = (id: number, elapsed: number): boolean => {
    const row = findById.get(id) as { worker: string; renewed_at: number } | undefined;
    if (row === undefined) return true;
    const dead = row.renewed_at <= elapsed - LEASE_TTL_MS || (!locks.holds(row.worker) && locks.isFree(row.worker));
    if (dead) buryId.run(id);
    return dead;
  };

  return {
    present,
    buryIfDead,
    buried,
    forgetBuried,
    burySilent,
    buryDead(self, now, elapsed) {
      burySilent(self, elapsed);
      for (const row of wantedOthers.all(self, now)) buryIfDead(row["id"] as number, elapsed);
    },
    join({ worker, elapsed }) {
      if (!locks.hold(worker)) {
        return refuse("INVALID_ARGUMENT", `The worker ${worker} is joined by another process`, "worker");
      }
      const id = present(worker);
      if (id !== undefined) {
        touch.run(elapsed, id);
        burySilent(id, elapsed);
        return { value: null };
      }
      buryName.run(worker);
      const { lastInsertRowid } = insert.run(worker, elapsed);
      locks.sweep();
      for (const row of others.all(lastInsertRowid)) buryIfDead(row["id"] as number, elapsed);
      forgetBuried();
      return { value: null };
    },
    renew({ worker, elapsed }) {
      const id = present(worker);
      if (id === undefined) return notJoined(worker);
      touch.run(elapsed, id);
      return { value: null };
    },
    leave({ worker }) {
      buryName.run(worker);
      locks.drop(worker);
      forgetBuried();
      return { value: null };
    },
  };
}

export function notJoined(worker: string): { readonly refusal: Refusal } {
  return refuse(
    "LEASE_LOST",
    `The worker ${worker} has not joined, has left, or was given up for not renewing its leases`,
  );
}
