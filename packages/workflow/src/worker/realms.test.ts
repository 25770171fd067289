import { expect, test } from "vitest";
import type { StoredCode } from "../world/world.ts";
import { createRealms } from "./realms.ts";

const hashOf = (n: number): string => String(n).padStart(64, "0");
const identity = { runId: "wrun_1", workflowName: "w", seed: "5eed", generation: 0, createdAt: 0 };

test("realms that no live run uses are let go with their code, and those in use are not", async () => {
  const reads: string[] = [];
  const get = async (hash: string): Promise<StoredCode> => {
    reads.push(hash);
    return { hash, source: "", map: "" };
  };
  const code = { get, put: () => Promise.resolve(), collect: () => Promise.resolve(0) };
  const realms = createRealms({ code }, { timeLimitMs: 1_000, onLog: () => undefined });
  const instanceOf = async (n: number) => realms.of(await realms.codeOf(hashOf(n))).instantiate(identity);

  const inUse = await instanceOf(0);
  for (let n = 1; n <= 20; n += 1) (await instanceOf(n)).dispose();
  expect(reads).toHaveLength(21);
  await instanceOf(0);
  await instanceOf(20);
  expect(reads).toHaveLength(21);
  await instanceOf(1);
  expect(reads.slice(21)).toEqual([hashOf(1)]);
  inUse.dispose();
});

test("code that could not be read is read again", async () => {
  let fail = true;
  const get = async (hash: string): Promise<StoredCode> => {
    if (fail) throw new Error("the disk is away");
    return { hash, source: "", map: "" };
  };
  const code = { get, put: () => Promise.resolve(), collect: () => Promise.resolve(0) };
  const realms = createRealms({ code }, { timeLimitMs: 1_000, onLog: () => undefined });
  await expect(realms.codeOf(hashOf(1))).rejects.toThrow("the disk is away");
  fail = false;
  expect(await realms.codeOf(hashOf(1))).toMatchObject({ hash: hashOf(1) });
});
