import { statSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

const LONG_MS = 2 ** 30;

export const worker: Command = {
  usage: [["worker [file...]", "executes runs, once it has imported the files; steps are found in the project"]],
  flags: ["concurrency", "help"],
  async run({ positionals: files, flags: { concurrency } }, terminal) {
    for (const file of files) requireFile(file);
    try {
      await work(files, concurrency === undefined ? {} : { concurrency }, terminal);
    } finally {
      // After the exit code is known. What the files have opened must not keep the process.
      setImmediate(() => process.exit());
    }
  },
};

async function work(
  files: readonly string[],
  options: { readonly concurrency?: number },
  terminal: Terminal,
): Promise<void> {
  await deploy(files);
  const { startWorker } = await import("../api/start-worker.ts");
  const { getWorld } = await import("../api/world-access.ts");
  const world = await getWorld();
  // A worker lets its process end when nothing else keeps it, as an app wants it; here nothing else does.
  setInterval(() => undefined, LONG_MS);
  // Until here a signal ends the process, as there is nothing in hand.
  const signal = firstSignal();
  try {
    const { id, stop } = await startWorker({ ...options, world, handleSignals: false });
    terminal.print(`worker ${id} is at work`);
    terminal.note(`${await signal}: no more steps are begun, and those that run may finish. Once more ends it at once`);
    await stop();
    terminal.print(`worker ${id} has handed over`);
  } finally {
    await world.close();
  }
}

/** What is wrong with the code is known before a run is taken. */
async function deploy(files: readonly string[]): Promise<void> {
  const { currentDeployment } = await import("../worker/deployment.ts");
  if (currentDeployment() !== undefined) {
    throw new UsageError("worker loads workflow/register itself. Leave it out of --import and NODE_OPTIONS");
  }
  const { deploySources } = await import("../build/deploy-sources.ts");
  const { promise: loaded, resolve: onLoaded } = Promise.withResolvers<void>();
  const deployment = deploySources({ appLoaded: () => loaded });
  for (const file of files) await import(pathToFileURL(resolve(file)).href);
  onLoaded();
  await deployment.buildLoaded();
}

function requireFile(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new UsageError(`There is no file ${resolve(file)}. worker takes files that it imports, like src/workflows.ts`);
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** A terminal signals all that it started, and npx passes on what it gets: the same once more, so soon, is an echo. */
const ECHO_MS = 500;

/** The one that asks to stop. Whoever sends another does not want to wait. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    let first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;
    const onSignal = (name: (typeof SIGNALS)[number]): void => {
      if (first !== undefined) {
        if (name === first.name && performance.now() - first.at < ECHO_MS) return;
        process.exit(128 + constants.signals[name]);
      }
      first = { name, at: performance.now() };
      done(name);
    };
    for (const name of SIGNALS) process.on(name, onSignal);
  });
}
