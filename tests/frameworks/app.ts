import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { environmentIn, type Place } from "./place.ts";
import { until } from "./until.ts";

/** A server that was started by a command. It has ended with its scope. */
export interface App extends AsyncDisposable {
  readonly origin: string;
  /** SIGKILL to the command and all that it has started. */
  kill(): Promise<void>;
}

/** Of a command that is still running. They die with the runner. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) killGroup(child);
});

/** Runs a command to its end. @throws when it fails. */
export async function runCommand(command: string, place: Place): Promise<void> {
  const child = spawnIn(place, command, {});
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

/** Starts a server and resolves once its port takes connections. Nothing is sent to it. */
export async function startApp(command: string, place: Place, port: number): Promise<App> {
  const child = spawnIn(place, command, { PORT: String(port), HOST: "127.0.0.1" });
  const exited = once(child, "exit");
  const kill = async (): Promise<void> => {
    killGroup(child);
    await exited;
    await until(`port ${port} is free again`, async () => ((await takesConnections(port)) ? undefined : true));
  };
  try {
    await until(`${command} listens on port ${port}`, async () => {
      return child.exitCode !== null || (await takesConnections(port)) ? true : undefined;
    });
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode} before it listened`);
  } catch (error) {
    killGroup(child);
    throw error;
  }
  return { origin: `http://127.0.0.1:${port}`, kill, [Symbol.asyncDispose]: kill };
}

/** The group is the command's own, so that what the shell and npm have started can be killed with them. */
function spawnIn(place: Place, command: string, env: Readonly<Record<string, string>>): ChildProcess {
  const log = openSync(place.log, "a");
  const child = spawn("sh", ["-c", command], {
    cwd: place.app,
    env: { ...environmentIn(place), ...env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  running.add(child);
  return child;
}

function killGroup(child: ChildProcess): void {
  running.delete(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    const end = (isTaken: boolean) => (): void => {
      socket.destroy();
      resolve(isTaken);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });
}

/** The URL of a webhook has the port, so an app has to come back on the one that it had. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
