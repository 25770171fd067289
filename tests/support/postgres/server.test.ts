import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startNode } from "../child.ts";
import { installedBinaries, type Origin } from "./binaries.ts";
import { type Server, startServer } from "./server.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
const INSTALLED = installedBinaries();

const ORIGINS: readonly { readonly origin: Origin; readonly version: string | undefined }[] = [
  { origin: "installed", version: INSTALLED && versionIn(INSTALLED) },
  { origin: "embedded", version: "18.4" },
];

describe.for(ORIGINS)("a server whose programs are $origin", ({ origin, version }) => {
  describe.skipIf(version === undefined)(`PostgreSQL ${version ?? "is not installed"}`, () => {
    let server: Server;

    beforeAll(async () => {
      server = await startServer({ origin, fsync: true });
      await query(server.url, "create table kept (word text)");
    }, 20_000);

    afterAll(() => server?.[Symbol.asyncDispose]());

    test("is of that version, takes every text, and waits for the disk as it was told to", async () => {
      const settings = ["server_version", "server_encoding", "fsync"];
      const columns = settings.map((name) => `current_setting('${name}') as ${name}`);
      const [row] = await query(server.url, `select ${columns.join(", ")}`);
      expect(row).toEqual({
        server_version: expect.stringMatching(`^${version}\\b`),
        server_encoding: "UTF8",
        fsync: "on",
      });
    });

    test.each([
      ["is stopped and started", () => server.stop().then(() => server.start())],
      ["is restarted at once", () => server.restart("immediate")],
      ["is killed and started", () => server.kill().then(() => server.start())],
    ])("has its data at the same place when it %s", async (word, comeBack) => {
      await query(server.url, `insert into kept values ('${word}')`);
      const startedAt = "select pg_postmaster_start_time()::text as at";
      const before = await query(server.url, startedAt);
      await comeBack();
      expect(await query(server.url, startedAt)).not.toEqual(before);
      expect(await query(server.url, `select word from kept where word = '${word}'`)).toEqual([{ word }]);
    });

    test("is away while it is killed, also for those who are connected", async () => {
      const client = new Client(server.url);
      const told = new Promise((resolve) => client.on("error", resolve));
      await client.connect();
      await server.kill();
      await told;
      await expect(query(server.url, "select 1")).rejects.toThrow("ECONNREFUSED");
      await server.start();
    });

    test("leaves nothing behind, not even when it was killed last", async () => {
      const traces = await tracesOf(server.url);
      await server.kill();
      await server[Symbol.asyncDispose]();
      expect(existsSync(traces.folder)).toBe(false);
      expect(() => process.kill(traces.pid, 0)).toThrow("ESRCH");
      expect(sharedMemory()).not.toContain(traces.sharedMemory);
    });
  });
});

test("a server does not wait for the disk unless told to; one that cannot start says why, and goes as others do", async () => {
  const server = await startServer();
  expect(await query(server.url, "show fsync")).toEqual([{ fsync: "off" }]);
  const { folder } = await tracesOf(server.url);
  await server.stop();
  await appendFile(join(folder, "data/postgresql.conf"), "nonsense\n");
  await expect(server.start()).rejects.toThrow(/did not start:.*syntax error in file .*postgresql.conf/s);
  await server[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
});

test("a server goes when the process that started it is killed", async () => {
  await using owner = startNode(["postgres-owner.ts"], { cwd: FIXTURES });
  const [, url = ""] = await owner.line(/^server (\S+)$/);
  const { folder } = await tracesOf(url);
  await owner.kill("SIGKILL");
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), 10_000);
  await expect(query(url, "select 1")).rejects.toThrow("ECONNREFUSED");
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

interface Traces {
  readonly folder: string;
  readonly pid: number;
  readonly sharedMemory: string | undefined;
}

async function tracesOf(url: string): Promise<Traces> {
  const [row] = (await query(url, "show data_directory")) as { readonly data_directory: string }[];
  const lines = (await readFile(join(row!.data_directory, "postmaster.pid"), "utf8")).split("\n");
  return {
    folder: dirname(row!.data_directory),
    pid: Number(lines[0]),
    sharedMemory: lines[6]?.trim().split(/\s+/)[1],
  };
}

/** The segments of the machine, where it lists them. */
function sharedMemory(): string[] {
  const list = "/proc/sysvipc/shm";
  const lines = existsSync(list) ? readFileSync(list, "utf8").trimEnd().split("\n") : [];
  return lines.map((line) => line.trim().split(/\s+/)[1] ?? "");
}

function versionIn(folder: string): string | undefined {
  return /\d+\.\d+/.exec(execFileSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" }))?.[0];
}
