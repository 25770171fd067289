import { describe, expect, test } from "vitest";
import { streamName } from "workflow/world";
import { createLocalWorld } from "../packages/workflow/src/local/world.ts";
import { encodeChunk } from "../packages/workflow/src/serialization/chunks.ts";
import { columnsOf, createPlace, type Place, storeRuns } from "./support/cli.ts";

const CHUNKS = ["a\u001b[31m\nb", { n: new Map([[1, 2n]]) }, new Uint8Array([7])];

/** A run with a stream of each kind, one of them closed. */
async function placeWithStreams(): Promise<Place & { readonly runId: string }> {
  const place = createPlace();
  const [runId = "", other = ""] = await storeRuns(place.data, [{}, {}]);
  const world = await createLocalWorld({ directory: place.data });
  const encode = (value: unknown): Uint8Array => encodeChunk(value, { what: "stream chunk", of: "x" });
  await world.streams.append({ runId, name: streamName(runId) }, [...CHUNKS.map(encode), new Uint8Array([99])]);
  await world.streams.append({ runId, name: streamName(runId, "log") }, ["end"].map(encode), { close: true });
  await world.streams.append({ runId: other, name: streamName(other) }, []);
  await world.close();
  return { ...place, runId };
}

describe("streams of a run", { timeout: 60_000 }, () => {
  test("are listed with how far they are [10-inspect]", async () => {
    const { printed, json, runId } = await placeWithStreams();
    const [head, ...lines] = (await printed("inspect", "streams", runId)).trimEnd().split("\n");
    expect(columnsOf(head)).toEqual(["NAMESPACE", "CHUNKS", "STATE", "STREAM"]);
    expect(lines.map(columnsOf)).toEqual([
      ["(default)", "4", "open", streamName(runId)],
      ["log", "1", "closed", streamName(runId, "log")],
    ]);
    expect((await json("inspect", "streams", "-r", runId)).data).toMatchObject([
      { name: streamName(runId), tailIndex: 3, state: "open" },
      { name: streamName(runId, "log"), namespace: "log", state: "closed" },
    ]);
  });

  test("are shown chunk by chunk, whatever is in them [10-inspect]", async () => {
    const { printed, json, workflow, runId } = await placeWithStreams();
    const shown = await printed("inspect", "stream", "-r", runId);
    expect(shown.split("\n").slice(0, 3)).toEqual([
      String.raw`0  'a\x1B[31m\nb'`,
      "1  { n: Map(1) { 1 => 2n } }",
      "2  Uint8Array(1) [ 7 ]",
    ]);
    expect(shown).toMatch(/^3 {2}.*cannot be read/m);
    expect(await printed("inspect", "stream", "log", "-r", runId)).toBe("0  'end'\n");
    expect(await printed("inspect", "stream", streamName(runId, "log"), "-r", runId)).toBe("0  'end'\n");
    expect(await printed("inspect", "stream", "nobody's", "-r", runId)).toBe("No chunks; the stream is open\n");
    const page = await workflow(["inspect", "stream", "-r", runId, "--limit", "2"]);
    expect(page.stderr).toBe("There is more: add --cursor 2\n");
    const { data } = await json("inspect", "stream", "-r", runId, "--cursor", "2", "--limit", "1");
    expect(data).toEqual([{ index: 2, value: "Uint8Array(1) [ 7 ]" }]);
    expect((await workflow(["inspect", "stream", "-r", runId, "--cursor", "x"])).code).toBe(2);
  });
});
