import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Random } from "../../packages/world/src/testkit/model/random.ts";
import type { StopMode } from "../support/postgres/server.ts";
import type { Place } from "./place.ts";
import type { Victim } from "./victim.ts";
import type { Connection } from "./way.ts";

/** How often each comes in one round, whose order the seed decides. */
const ROUND = {
  kill: 6,
  pause: 2,
  stall: 1,
  "cut one": 4,
  "cut listener": 2,
  "cut all": 1,
  "restart fast": 1,
  "restart immediate": 1,
  "lose way": 2,
  "lose answers": 4,
} as const;
export type Kind = keyof typeof ROUND;
export const KINDS = Object.keys(ROUND) as readonly Kind[];
/** Those that harm connections alone: what is wrong then, no death puts right. */
export const OF_CONNECTIONS: readonly Kind[] = KINDS.filter((kind) => /^(cut|lose) /.test(kind));

const LONGEST_PAUSE_MS = 700;
const MOST_LOST = 8;
const GAP_MS = { least: 200, most: 1_000 } as const;

export interface Rage {
  readonly place: Place;
  readonly victims: readonly Victim[];
  readonly random: Random;
  readonly kinds: readonly Kind[];
}

/** Disturbs by one thing after the other, until nobody wants it any more; only who is stalled is so meanwhile. */
export async function disturb(rage: Rage, isWanted: () => boolean): Promise<ReadonlyMap<Kind, number>> {
  const { place, random, victims, kinds } = rage;
  const done = new Map<Kind, number>();
  let round: Kind[] = [];
  while (isWanted()) {
    await delay(GAP_MS.least + random.below(GAP_MS.most - GAP_MS.least));
    if (round.length === 0) round = kinds.flatMap((kind) => Array.from({ length: ROUND[kind] }, () => kind));
    const [kind] = round.splice(random.below(round.length), 1);
    if (kind === undefined || !(await doOne(rage, kind))) continue;
    appendFileSync(join(place.directory, "disturbances.log"), `${new Date().toISOString()} ${kind}\n`);
    done.set(kind, (done.get(kind) ?? 0) + 1);
  }
  await Promise.all(victims.map((victim) => victim.stalling));
  return done;
}

/** False: there was nothing to do it to. */
async function doOne({ place, victims, random }: Rage, kind: Kind): Promise<boolean> {
  const standing = victims.filter(({ stalling }) => stalling === undefined);
  const victim = random.pick(standing);
  switch (kind) {
    case "kill":
      await victim.kill();
      return true;
    case "pause":
      await victim.pause(random.below(LONGEST_PAUSE_MS));
      return true;
    case "stall":
      if (standing.length < victims.length) return false;
      victim.stall();
      return true;
    case "cut one":
    case "cut listener":
    case "cut all":
      return (await cut(place, kind, random)) > 0;
    case "lose way":
      return lose(place, random.below(MOST_LOST), (connection) => connection.cut());
    case "lose answers":
      return lose(place, random.below(MOST_LOST), (connection) => connection.loseAnswer());
    case "restart fast":
    case "restart immediate":
      await place.server.restart(kind.slice("restart ".length) as StopMode);
      return true;
  }
}

/** On the connections that were used last. */
function lose({ way }: Place, count: number, how: (connection: Connection) => void): boolean {
  const chosen = way.connections.toSorted((a, b) => b.sentAt - a.sentAt).slice(0, count);
  chosen.forEach(how);
  return chosen.length > 0;
}

interface Backend {
  readonly pid: number;
  readonly name: string;
  readonly busy: boolean;
}

const OURS = `
  SELECT pid, application_name AS name, state <> 'idle' AS busy FROM pg_stat_activity
  WHERE application_name LIKE 'workflow%' ORDER BY pid`;

/** Ends connections at the server. Says how many. */
async function cut({ server }: Place, kind: Kind, random: Random): Promise<number> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rows } = await client.query<Backend>(OURS);
    const listeners = rows.filter(({ name }) => name === "workflow listener");
    const busy = rows.filter(({ busy: isBusy }) => isBusy);
    const among = kind === "cut listener" ? listeners : kind === "cut one" && busy.length > 0 ? busy : rows;
    if (among.length === 0) return 0;
    const chosen = kind === "cut all" ? among : [random.pick(among)];
    await client.query("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", [
      chosen.map(({ pid }) => pid),
    ]);
    return chosen.length;
  } finally {
    await client.end();
  }
}
