import { expect, test } from "vitest";
import { runAll } from "./cases.ts";
import { runChaos } from "./chaos/run-chaos.ts";
import { takeReference } from "./crash-case.ts";
import { serverUrl } from "../support/postgres/server-url.ts";
import { WORLDS } from "../support/worlds.ts";
import { runPoison } from "./poison.ts";
import { spread } from "./points.ts";
import { HOOKS } from "./resumes/plan.ts";
import { runResumes } from "./resumes/run-resumes.ts";
import { SCENARIOS } from "./scenarios.ts";

/** The short form of `npm run crash`: a few points of each scenario, a little chaos, and all resumes. */
const POINTS = 3;
const CHAOS = { seed: 20, seconds: 10 } as const;
const RESUMES_SEED = 4;
const PATIENCE_MS = 180_000;

const isTested = (world: string): boolean => WORLDS.some(({ name }) => name === world);
const DURABLE = ["sqlite", "postgres"].filter(isTested);

const serverOf = async (world: string): Promise<string | undefined> =>
  world === "postgres" ? await serverUrl() : undefined;

test.each(DURABLE.flatMap((world) => SCENARIOS.map((name) => [name, world] as const)))(
  "killed here and there, it comes to the same end: %s (%s) [07-7.14.step] [07-7.14.result] [07-7.14.replay] [07-7.14.hook] [07-7.14.wait] [07-7.14.start] [07-7.15.payload] [07-7.15.start] [02-2.4.durable]",
  { timeout: PATIENCE_MS },
  async (name, world) => {
    const reference = await takeReference(name, await serverOf(world));
    const points = spread(reference.points, POINTS);
    const { reports } = await runAll(points.map((point) => ({ reference, points: [point] })));
    expect(reports.join("\n")).toBe("");
  },
);

test.each(DURABLE)(
  "a step that kills its process is given up, and harms no other step (%s)",
  { timeout: PATIENCE_MS },
  async (world) => {
    expect((await runPoison(await serverOf(world))).join("\n")).toBe("");
  },
);

test.runIf(isTested("sqlite"))(
  "two workers, killed and stopped at random, do what one would",
  { timeout: PATIENCE_MS },
  async () => {
    const { runs, deaths, violations } = await runChaos(CHAOS);
    expect(violations.join("\n")).toBe("");
    expect(runs).toBeGreaterThan(20);
    expect(deaths).toBeGreaterThan(3);
  },
);

test.runIf(isTested("sqlite"))(
  "ten thousand payloads of fifty callers reach a hundred hooks once, in order, while their process is killed ten times",
  {
    timeout: PATIENCE_MS,
  },
  async () => {
    const { answered, violations } = await runResumes(RESUMES_SEED);
    expect(violations.join("\n")).toBe("");
    expect(answered).toBeGreaterThan(10_000 + HOOKS);
  },
);
