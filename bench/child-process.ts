import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Figures } from "./workloads.ts";

/** A process that runs `child.ts`. */
export interface Child {
  /** One round. */
  measure(): Promise<Figures>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly role: string;
  /** Where the engine keeps its data. */
  readonly directory: string;
  readonly execArgv?: readonly string[];
  /** Where to write CPU profiles, if any are wanted. */
  readonly profiles: string | undefined;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ENTRY = fileURLToPath(new URL("child.ts", import.meta.url));
const THREADS = new URL("threads.ts", import.meta.url).href;

/** Resolves once the process is warm. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options);
  await answerOf(child);
  return {
    async measure() {
      child.send("round");
      return answerOf(child);
    },
    async stop() {
      // It may have died, which its last answer has said.
      if (!child.connected) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** The engine gets its defaults, whatever the environment of this process says. */
function spawn({ role, directory, execArgv = [], profiles }: ChildOptions): ChildProcess {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("WORKFLOW_"));
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}/${role}`];
  const spawnedAt = performance.timeOrigin + performance.now();
  return fork(ENTRY, [role, String(spawnedAt)], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), WORKFLOW_LOCAL_DATA_DIR: directory },
    // First the eye on threads: the engine's is started by what comes second.
    execArgv: ["--import", THREADS, "--import", "workflow/register", ...execArgv, ...profiling],
  });
}

async function answerOf(child: ChildProcess): Promise<Figures> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const death = once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`The process of the workload ended with ${code}`);
    });
    const [figures] = await Promise.race([once(child, "message", { signal }), death]);
    return figures as Figures;
  } finally {
    settled.abort();
  }
}
