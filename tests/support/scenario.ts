import { afterEach, describe } from "vitest";
import type { Clock, EventType, Problem, World } from "workflow/world";
import { type Engine, type EngineOptions, startEngine } from "./engine.ts";
import { WORLDS } from "./worlds.ts";

export interface Scenario {
  /** Which World it is. */
  readonly worldName: string;
  /** An empty World, closed after the test. */
  openWorld(clock?: Clock): Promise<World>;
  /** A worker on it, stopped after the test. */
  startEngine(options: EngineOptions): Promise<Engine>;
}

/** Runs the tests of `define` once on every World. */
export function describeEngine(name: string, define: (scenario: Scenario) => void): void {
  describe.each(WORLDS)(`${name} ($name)`, ({ name: worldName, open }) => {
    const opened: World[] = [];
    const engines: Engine[] = [];
    afterEach(async () => {
      for (const engine of engines.splice(0)) await engine.stop();
      for (const world of opened.splice(0)) await world.close();
    });
    define({
      worldName,
      async openWorld(clock) {
        const world = await open(clock);
        opened.push(world);
        return world;
      },
      async startEngine(options) {
        const engine = await startEngine(options);
        engines.push(engine);
        return engine;
      },
    });
  });
}

/** The types of a run's events, in order. */
export async function eventTypes(world: World, runId: string): Promise<EventType[]> {
  const page = await world.events.list({ runId, pagination: { limit: 1000, sortOrder: "asc" } });
  return page.data.map((event) => event.eventType);
}

/** Resolves once the run has an event of this type (the n-th of them). */
export async function untilEvent(world: World, runId: string, type: EventType, count = 1): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    const found = (await eventTypes(world, runId)).filter((other) => other === type);
    if (found.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${runId} has no ${type} number ${count}: ${(await eventTypes(world, runId)).join(", ")}`);
}

/** Resolves with the reason once the run was put aside. */
export async function untilProblem(world: World, runId: string): Promise<Problem> {
  for (let tries = 0; tries < 2_000; tries++) {
    const { problem } = await world.runs.get(runId);
    if (problem !== undefined) return problem;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${runId} was not put aside`);
}
