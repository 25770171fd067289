import { expect, test } from "vitest";
import { shareServer, urlOfSharedServer } from "./shared-server.ts";

function pretendedServer(): { readonly log: string[]; start(): Promise<{ url: string } & AsyncDisposable> } {
  const log: string[] = [];
  return {
    log,
    async start() {
      log.push("started");
      return { url: "postgres://there", [Symbol.asyncDispose]: async () => void log.push("gone") };
    },
  };
}

test("nobody asks: nothing is started", async () => {
  const { log, start } = pretendedServer();
  const shared = await shareServer(start);
  await shared[Symbol.asyncDispose]();
  expect(log).toEqual([]);
});

test("it is started for the first who asks, is the same for all, and goes at the end", async () => {
  const { log, start } = pretendedServer();
  const shared = await shareServer(start);
  const urls = await Promise.all(Array.from({ length: 10 }, () => urlOfSharedServer(shared.port)));
  expect(new Set(urls)).toEqual(new Set(["postgres://there"]));
  expect(log).toEqual(["started"]);
  await shared[Symbol.asyncDispose]();
  expect(log).toEqual(["started", "gone"]);
});

test("it does not start: everybody hears why", async () => {
  await using shared = await shareServer(() => Promise.reject(new Error("the disk is full")));
  for (let asked = 0; asked < 2; asked++) {
    await expect(urlOfSharedServer(shared.port)).rejects.toThrow("no PostgreSQL for tests: Error: the disk is full");
  }
});
