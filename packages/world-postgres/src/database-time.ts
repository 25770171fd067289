import { sampleOf, monotonic, type TimeSample } from "./clock.ts";
import type { Queries, Statement } from "./database/database.ts";

const TIME: Statement = {
  name: "workflow time",
  text: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS time",
};

/** Of so many looks the quickest is the most exact: the first one may have had to connect. */
const LOOKS = 3;

/** Looks at the database's time, to begin with. */
export async function databaseTime(database: Queries): Promise<TimeSample> {
  const samples: TimeSample[] = [];
  while (samples.length < LOOKS) {
    const sentAt = monotonic();
    const rows = await database.query<{ time: number }>(TIME, []);
    samples.push(sampleOf((rows[0] as { time: number }).time, sentAt, monotonic()));
  }
  return samples.reduce((best, sample) => (sample.within < best.within ? sample : best));
}
