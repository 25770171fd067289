import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** When a process was killed: the signal was sent and the process was gone, in milliseconds since the epoch. */
export interface Kill {
  readonly sentAt: number;
  readonly goneAt: number;
}

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The example's server in a process of its own. */
export interface Server {
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<Kill>;
}

const EXAMPLE = new URL("../..", import.meta.url);
const REQUEST_LIMIT_MS = 5_000;

/** Starts the server on a port of the system's choice, and resolves once it listens. */
export async function startServer(settings: Readonly<Record<string, string>>): Promise<Server> {
  const child = spawn(process.execPath, ["--import", "workflow/register", "src/app.ts"], {
    cwd: EXAMPLE,
    env: { ...process.env, ...settings, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const url = await findUrl(child);
  if (url === undefined) throw new Error("The server ended before it listened");
  child.stdout.resume();
  return {
    get: (path) => ask("GET", url + path),
    post: (path, body) => ask("POST", url + path, body),
    async kill(signal) {
      const sentAt = Date.now();
      child.kill(signal);
      await exited;
      return { sentAt, goneAt: Date.now() };
    },
  };
}

/** The URL in the server's own words. Undefined when it ends without having said one. */
async function findUrl(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}

async function ask(method: string, url: string, body?: unknown): Promise<Reply> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Reply["body"] };
}
