import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Random } from "../../packages/world/src/testkit/model/random.ts";
import type { StopMode } from "../support/postgres/server.ts";
import type { Place } from "./place.ts";
import type { Victim } from "./victim.ts";

const KINDS = [
  "kill",
  "pause",
  "stall",
  "cut one",
  "cut listener",
  "cut all",
  "restart fast",
  "restart immediate",
] as const;
export type Kind = (typeof KINDS)[number];

/** How often each comes in one round, whose order the seed decides. */
const ROUND: Readonly<Record<Kind, number>> = {
  kill: 6,
  pause: 2,
  stall: 1,
  "cut one": 4,
  "cut listener": 2,
  "cut all": 1,
  "restart fast": 1,
  "restart immediate": 1,
};

const LONGEST_PAUSE_MS = 700;
const GAP_MS = { least: 200, most: 1_000 } as const;

export interface Rage {
  readonly place: Place;
  readonly victims: readonly Victim[];
  readonly random: Random;
}

/** Disturbs by one thing after the other, until nobody wants it any more; only who is stalled is so meanwhile. */
export async function disturb(rage: Rage, isWanted: () => boolean): Promise<ReadonlyMap<Kind, number>> {
  const { random, victims } = rage;
  const done = new Map<Kind, number>();
  let round: Kind[] = [];
  while (isWanted()) {
    await delay(GAP_MS.least + random.below(GAP_MS.most - GAP_MS.least));
    if (round.length === 0) round = KINDS.flatMap((kind) => Array.from({ length: ROUND[kind] }, () => kind));
    const [kind] = round.splice(random.below(round.length), 1);
    if (kind === undefined || !(await doOne(rage, kind))) continue;
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
    case "restart fast":
    case "restart immediate":
      await place.server.restart(kind.slice("restart ".length) as StopMode);
      return true;
  }
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
