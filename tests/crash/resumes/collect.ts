import { createHook } from "workflow";
import { END } from "./plan.ts";

/** After how many payloads a step follows. */
const BATCH = 10;

/** Collects payloads until the last one comes. */
export async function collect(token: string): Promise<string[]> {
  "use workflow";
  const collected: string[] = [];
  const hook = createHook<string>({ token });
  for await (const payload of hook) {
    collected.push(payload);
    if (payload === `${END} ${token}`) break;
    if (collected.length % BATCH === 0) await stamp(collected.length);
  }
  return collected;
}

async function stamp(count: number): Promise<number> {
  "use step";
  return count;
}
stamp.maxRetries = 50;
