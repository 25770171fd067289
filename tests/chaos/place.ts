import { rmSync } from "node:fs";
import type { World } from "workflow/world";
import { startProgram } from "../crash/life.ts";
import { evidenceIn, newDirectory } from "../crash/storage.ts";
import type { Child } from "../support/child.ts";
import { type Server, startServer } from "../support/postgres/server.ts";
import { openWay, type Way } from "./way.ts";

/** A PostgreSQL of its own, the evidence, and the processes that share both. */
export interface Place extends AsyncDisposable {
  readonly directory: string;
  readonly evidence: string;
  readonly server: Server;
  /** The way to it that the processes take. */
  readonly way: Way;
  start(args: readonly string[]): Child;
  /** A World without a worker. Whoever opens it closes it. */
  openWorld(): Promise<World>;
  /** The evidence outlives the place: something was found. */
  keep(): void;
}

type PostgresWorld = typeof import("../../packages/world-postgres/src/world.ts");

/** The built one, as in the processes under test. */
const WORLD = new URL("../../packages/world-postgres/dist/world.js", import.meta.url).href;

export async function openPlace(): Promise<Place> {
  const server = await startServer({ fsync: true });
  const way = await openWay(server.url);
  const directory = newDirectory("postgres");
  const { createWorld } = (await import(WORLD)) as PostgresWorld;
  const env = { WORKFLOW_TARGET_WORLD: "@workflow/world-postgres", WORKFLOW_POSTGRES_URL: way.url };
  let kept = false;
  return {
    directory,
    evidence: evidenceIn(directory),
    server,
    way,
    start: (args) => startProgram(directory, args, env),
    openWorld: () => createWorld({ connectionString: server.url }),
    keep: () => void (kept = true),
    async [Symbol.asyncDispose]() {
      if (!kept) rmSync(directory, { recursive: true });
      await way[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
