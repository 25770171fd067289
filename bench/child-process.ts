import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Partner, talkTo } from "./conversation.ts";

export interface ChildOptions {
  readonly role: string;
  /** Tells the engine where it keeps its data. */
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Where to write CPU profiles, if any are wanted. */
  readonly profiles: string | undefined;
}

export const NO_WORKER = { WORKFLOW_WORKER: "off" } as const;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ENTRY = fileURLToPath(new URL("child.ts", import.meta.url));
const THREADS = new URL("threads.ts", import.meta.url).href;

/**
 * Starts a process that runs `child.ts`; resolves once it is warm. Asked anything, it has a round and answers with its
 * figures. The engine gets its defaults, whatever the environment of this process says.
 */
export function startChild({ role, env, execArgv = [], profiles }: ChildOptions): Promise<Partner> {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("WORKFLOW_"));
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}/${role}`];
  const spawnedAt = performance.timeOrigin + performance.now();
  const child = fork(ENTRY, [role, String(spawnedAt)], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
    // First the eye on threads: the engine's is started by what comes second.
    execArgv: ["--import", THREADS, "--import", "workflow/register", ...execArgv, ...profiling],
  });
  return talkTo(child);
}

/** From within such a process: another one that uses the same data in the same way. By default it has no worker. */
export function startHelper(entry: URL, env: Readonly<Record<string, string>> = NO_WORKER): Promise<Partner> {
  return talkTo(fork(entry, { env: { ...process.env, ...env } }));
}
