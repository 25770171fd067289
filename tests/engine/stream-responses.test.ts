import { expect, test } from "vitest";
import { getRun, type Run, start } from "workflow/api";
import { streamResponse } from "workflow/http";
import { newRunId } from "workflow/world";
import { workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";
import { createGate, deploySteps, untilStepsOf, write } from "../support/streams.ts";

function asking(query = "", headers: Record<string, string> = {}, signal?: AbortSignal): Request {
  return new Request(`http://localhost/chat${query}`, { headers, ...(signal !== undefined && { signal }) });
}

const EVENTS = { accept: "text/event-stream" };

describeEngine("streams over HTTP", ({ openWorld, startEngine }) => {
  /** A run that has written `values` and goes on until it is let go. */
  async function runWith(values: readonly unknown[]): Promise<{ run: Run; finish: () => void }> {
    const gate = createGate();
    deploySteps({ one: () => write(values), two: () => gate.passed });
    await startEngine({ world: await openWorld() });
    const run = await start(workflow("main"), []);
    await untilStepsOf(run, 2);
    return { run, finish: gate.open };
  }

  test("texts and bytes are sent as they are, other values as lines of JSON [09-9.2] [09-9.8]", async () => {
    const { run, finish } = await runWith(["a", Buffer.from("b\n"), { c: 1 }, "d"]);
    const response = await streamResponse(run, asking());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(response.headers.get("x-workflow-run-id")).toBe(run.runId);
    expect(response.headers.get("x-workflow-stream-tail-index")).toBe("3");
    finish();
    expect(await response.text()).toBe('ab\n{"c":1}\nd');
  });

  test("the query says where to begin [09-9.8]", async () => {
    const { run, finish } = await runWith(["a", "b", "c"]);
    finish();
    await run.returnValue;
    const texts = ["", "?startIndex=0", "?startIndex=2", "?startIndex=-1", "?startIndex=-9", "?startIndex=3"].map(
      async (query) => (await streamResponse(run, asking(query))).text(),
    );
    expect(await Promise.all(texts)).toEqual(["abc", "abc", "c", "c", "abc", ""]);
    for (const index of ["x", "", "1.5", "1e400", "0x1"]) {
      const refused = await streamResponse(run, asking(`?startIndex=${index}`));
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("lines of JSON, where they are asked for: one for each chunk", async () => {
    const { run, finish } = await runWith(["a\nb", { c: 1 }, new Uint8Array([1, 2]), undefined]);
    finish();
    const response = await streamResponse(run, asking("", { accept: "application/x-ndjson" }));
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(await response.text()).toBe('"a\\nb"\n{"c":1}\n"AQI="\nnull\n');
  });

  test("an EventSource goes on where it was, and is sent away when it has everything [09-9.8]", async () => {
    const { run, finish } = await runWith(["a", "b\nc", { d: 1 }]);
    finish();
    await run.returnValue;
    const all = await streamResponse(run, asking("", EVENTS));
    expect(all.headers.get("content-type")).toBe("text/event-stream");
    expect(await all.text()).toBe('id: 1\ndata: a\n\nid: 2\ndata: b\ndata: c\n\nid: 3\ndata: {"d":1}\n\n');
    const again = await streamResponse(run, asking("?startIndex=0", { ...EVENTS, "last-event-id": "2" }));
    expect(await again.text()).toBe('id: 3\ndata: {"d":1}\n\n');
    expect((await streamResponse(run, asking("", { ...EVENTS, "last-event-id": "3" }))).status).toBe(204);
    expect((await streamResponse(run, asking("", { ...EVENTS, "last-event-id": "no" }))).status).toBe(400);
    const fromTheEnd = await streamResponse(run, asking("?startIndex=-1", EVENTS));
    expect(await fromTheEnd.text()).toBe('id: 3\ndata: {"d":1}\n\n');
  });

  test("chunks are sent as they come; a caller who hangs up ends the reading, not the run [09-9.2]", async () => {
    const { run, finish } = await runWith(["a"]);
    const gone = new AbortController();
    const aborted = (await streamResponse(run, asking("", EVENTS, gone.signal))).body?.getReader();
    const cancelled = (await streamResponse(run, asking())).body?.getReader();
    const text = async (reader: typeof cancelled): Promise<string> =>
      Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await text(aborted)).toBe("id: 1\ndata: a\n\n");
    expect(await text(cancelled)).toBe("a");
    await run.writable.getWriter().write("b");
    expect(await text(cancelled)).toBe("b");
    expect(await text(aborted)).toBe("id: 2\ndata: b\n\n");
    const waiting = aborted?.read();
    gone.abort();
    expect(await waiting).toMatchObject({ done: true });
    await cancelled?.cancel();
    finish();
    await run.returnValue;
  });

  test("a chunk that JSON has no form for breaks the answer off, and the error names it", async () => {
    const { run, finish } = await runWith(["a", { n: 1n }]);
    finish();
    await run.returnValue;
    const response = await streamResponse(run, asking("", { accept: "application/x-ndjson" }));
    await expect(response.text()).rejects.toMatchObject({
      name: "SerializationError",
      message: expect.stringMatching(new RegExp(`Chunk 1 of the default stream of run ${run.runId}.*getReadable`)),
    });
  });

  test("of an unknown run there is nothing; other streams and types are asked for by options", async () => {
    const { run, finish } = await runWith(["a"]);
    finish();
    const unknown = await streamResponse(getRun(newRunId()), asking());
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: "RUN_NOT_FOUND" });
    const logs = await streamResponse(run, asking(), { namespace: "logs", headers: { "content-type": "image/png" } });
    expect(logs.headers.get("content-type")).toBe("image/png");
    expect(logs.headers.get("x-workflow-stream-tail-index")).toBe("-1");
    expect(await logs.text()).toBe("");
    await expect(streamResponse(run, asking(), { namespace: 7 as never })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
