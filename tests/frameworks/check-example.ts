import { mkdirSync } from "node:fs";
import { findFreePort, runCommand, startApp } from "./app.ts";
import { ANSWERS } from "./cases/answers.ts";
import { survivesKill } from "./cases/crash.ts";
import { takesEdits } from "./cases/edits.ts";
import { createClient } from "./client.ts";
import { COMMANDS } from "./commands.ts";
import type { Example } from "./examples.ts";
import { type Place, preparePlace } from "./place.ts";
import { type Part, PARTS, type Result } from "./report.ts";

/** Installs, builds and tries one example. Stops at the first part that fails. */
export async function checkExample(example: Example, at: string, tarball: string): Promise<Result> {
  const seconds: Partial<Record<Part, number>> = {};
  let place: Place | undefined;
  mkdirSync(at);
  try {
    for (const part of PARTS) {
      if (part === "special" && example.settings.special === undefined) continue;
      const before = performance.now();
      if (part === "install") place = await preparePlace(example, at, tarball);
      else if (place !== undefined) await tryPart(part, place, example);
      seconds[part] = (performance.now() - before) / 1000;
    }
    return { name: example.name, seconds };
  } catch (failure) {
    return { name: example.name, seconds, failure };
  }
}

async function tryPart(part: Exclude<Part, "install">, place: Place, { settings }: Example): Promise<void> {
  const port = await findFreePort();
  switch (part) {
    case "build":
      return runCommand(COMMANDS.build, place);
    case "answers":
      return tryAnswers(place, port);
    case "crash":
      return survivesKill(place, port);
    case "edits":
      return takesEdits(place, port, settings);
    case "special":
      return settings.special?.(place, port);
  }
}

async function tryAnswers(place: Place, port: number): Promise<void> {
  await using app = await startApp(COMMANDS.start, place, port);
  for (const [name, check] of Object.entries(ANSWERS)) {
    await check(createClient(app.origin)).catch((cause: unknown) => {
      throw new Error(`Not so: ${name}`, { cause });
    });
  }
}
