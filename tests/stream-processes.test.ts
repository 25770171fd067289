import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test, type TestContext } from "vitest";
import { newRunId, type StreamAddress, streamName, type World } from "workflow/world";
import { encodeChunk } from "../packages/workflow/src/serialization/chunks.ts";
import { type Child, startNode } from "./support/child.ts";
import { SHARED, type SharedData } from "./support/shared-data.ts";

const FOLDER = join(import.meta.dirname, "fixtures/surroundings");
const HASH = "c0de".repeat(16);

/** A run in this process, and readers of its stream in others. Real time: what is tested is the way between them. */
interface Place {
  readonly world: World;
  readonly stream: StreamAddress;
  /** Resolves when the chunks are durable, with the time then, in nanoseconds. */
  append(...texts: readonly string[]): Promise<bigint>;
  reader(startIndex?: number): Promise<Child>;
}

async function place({ onTestFinished }: TestContext, open: () => Promise<SharedData>): Promise<Place> {
  const data = await open();
  const { world } = data;
  onTestFinished(() => data[Symbol.asyncDispose]());
  const runId = newRunId();
  await world.code.put({ hash: HASH, source: "", map: "" });
  const rest = { input: "devl[1]", attributes: {}, seed: "0".repeat(32), createdAt: Date.now() };
  await world.createRun({ runId, workflowName: "w", codeHash: HASH, ...rest });
  const stream = { runId, name: streamName(runId) };
  return {
    world,
    stream,
    async append(...texts) {
      const chunks = texts.map((text) => encodeChunk(text, { what: "stream chunk", of: stream.name }));
      await world.streams.append(stream, chunks);
      return process.hrtime.bigint();
    },
    async reader(startIndex = 0) {
      const env = { ...data.env, WORKFLOW_WORKER: "off" };
      const args = ["--import", "workflow/register", "reader.ts", runId, String(startIndex)];
      const child = startNode(args, { cwd: FOLDER, env });
      onTestFinished(async () => void (await child.kill("SIGKILL")));
      await child.line(/^reading$/);
      return child;
    },
  };
}

/**
 * How long a chunk is on its way at the most, in milliseconds, half of the times. A server that is busy takes its time;
 * without being told, a reader would look once a second.
 */
const ON_ITS_WAY_MS: Readonly<Record<string, number>> = { sqlite: 20, postgres: 200 };

/** Index and text of each chunk that a reader has printed. */
function chunksOf({ stdout }: Child): readonly (readonly [number, string])[] {
  return [...stdout.matchAll(/^chunk (\d+) (\S+) \d+\n/gm)].map(([, index, text = ""]) => [Number(index), text]);
}

describe.concurrent.for(SHARED)("streams between processes ($name)", { timeout: 120_000 }, ({ name, open }) => {
  test("a chunk reaches a reader in another process as soon as it is durable, without a poll [09-9.2]", async (context) => {
    const { world, stream, append, reader } = await place(context, open);
    const child = await reader();
    await append("warm");
    await child.line(/^chunk 0 warm /);
    const delays: number[] = [];
    for (let n = 1; n <= 31; n += 1) {
      const durable = await append(`text${n}`);
      const [, came = ""] = await child.line(new RegExp(`^chunk ${n} text${n} (\\d+)$`));
      delays.push(Number(BigInt(came) - durable) / 1e6);
      await delay(5);
    }
    expect(delays.toSorted((a, b) => a - b)[15]).toBeLessThan(ON_ITS_WAY_MS[name] ?? 0);
    await world.streams.append(stream, [], { close: true });
    await child.line(/^end$/, 500);
  });

  test("a reader that is killed again and again, and goes on at its index, sees each chunk once [09-9.1] [09-9.2]", async (context) => {
    const { world, stream, append, reader } = await place(context, open);
    const state = { seen: 0, done: false };
    const writing = (async () => {
      for (let n = 0; !state.done; n += 3) {
        await append(`t${n}`, `t${n + 1}`, `t${n + 2}`);
        await delay(1);
      }
      await world.streams.append(stream, [], { close: true });
    })();
    const seen: (readonly [number, string])[] = [];
    for (let kills = 0; kills < 20; kills += 1) {
      const child = await reader(seen.length);
      await child.line(new RegExp(`^chunk ${seen.length + 1 + kills} `));
      await child.kill("SIGKILL");
      seen.push(...chunksOf(child));
    }
    state.done = true;
    await writing;
    const last = await reader(seen.length);
    await last.line(/^end$/);
    seen.push(...chunksOf(last));
    const { tailIndex } = await world.streams.info(stream);
    expect(seen).toEqual(Array.from({ length: tailIndex + 1 }, (_, n) => [n, `t${n}`]));
    expect(seen.length).toBeGreaterThan(100);
  });
});
