import type { Client } from "pg";
import { FLOOR_BYTES, FLOOR_SAMPLES, FLOOR_WARM_UP, type Floors } from "./target.ts";

/** A commit by a prepared statement; at the least, a round trip to the server. */
export async function measurePostgresFloors(client: Client, schema: string): Promise<Floors> {
  await client.query(`create schema if not exists ${schema}; create table if not exists ${schema}.floor (row text)`);
  const insert = { name: `${schema}_insert`, text: `insert into ${schema}.floor values ($1)` };
  const row = "x".repeat(FLOOR_BYTES);
  return {
    commit: await sample(() => client.query(insert, [row])),
    least: await sample(() => client.query({ name: "round_trip", text: "select 1" })),
  };
}

async function sample(task: () => Promise<unknown>): Promise<readonly number[]> {
  for (let index = 0; index < FLOOR_WARM_UP; index += 1) await task();
  const samples: number[] = [];
  while (samples.length < FLOOR_SAMPLES) {
    const before = performance.now();
    await task();
    samples.push(performance.now() - before);
  }
  return samples;
}
