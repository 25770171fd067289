import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Account } from "./account.ts";

export interface Launch {
  /** The folder with the programs. */
  readonly bin: string;
  readonly data: string;
  readonly port: number;
  readonly fsync: boolean;
  readonly account: Account;
}

/** The first process of a server. */
export interface Postmaster {
  readonly pid: number | undefined;
  /** Resolves when connections are accepted. Rejects with what the server printed if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when no process of the server is left. */
  readonly gone: Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export function launch({ bin, data, port, fsync, account }: Launch): Postmaster {
  const args = ["-D", data, "-p", String(port), ...settings(fsync).flatMap((setting) => ["-c", setting])];
  // Not of our process group: Ctrl+C is for the tests, which end their server.
  const options = { cwd: data, env: { LC_ALL: "C" }, detached: true, ...account };
  const child = spawn(join(bin, "postgres"), args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-4_000);
    if (printed.includes("database system is ready to accept connections")) resolve();
  });
  const gone = new Promise<void>((over) => {
    child.once("error", reject);
    // Not "exit": all processes of the server print to the same pipe, which closes with the last of them.
    child.once("close", () => {
      over();
      reject(new Error(`PostgreSQL did not start:\n${printed}`));
    });
  });
  return { pid: child.pid, ready, gone, signal: (signal) => void child.kill(signal) };
}

function settings(fsync: boolean): readonly string[] {
  return [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    `fsync=${fsync ? "on" : "off"}`,
    `full_page_writes=${fsync ? "on" : "off"}`,
    // In the log, this leaves out the errors of statements, which tests provoke.
    "log_min_messages=log",
    "log_checkpoints=off",
  ];
}
