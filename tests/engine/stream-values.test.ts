import { expect, test, vi } from "vitest";
import { resumeHook, resumeOrStart, start } from "workflow/api";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";
import { all, source, valueStreamsOf } from "../support/value-streams.ts";

const utf8 = new TextEncoder();

describeEngine("streams as values", ({ openWorld, startEngine }) => {
  test("a stream given to start is handed on by workflow code and read in a step [06-A.5] [09-9.6.argument] [06-6.7.start-argument] [02-2.1.streams] [06-6.3.streams]", async () => {
    const values = [1, "two", { three: new Map([["a", 3n]]) }, new Uint8Array([4])];
    deploy(
      realmCode(
        ["read"],
        `workflow("main", async ({ given }) => [given instanceof ReadableStream, given.locked, await read(given)]);`,
      ),
      { read: (given) => all(given) },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [{ given: ReadableStream.from(values) }]);
    expect(await run.returnValue).toEqual([true, false, values]);
    expect(await valueStreamsOf(world, run.runId)).toHaveLength(1);
  });

  test("a step's stream reaches the next step while it is still being written [09-9.6.piping] [06-6.7.stream-reference]", async () => {
    const { stream, to } = source<number>();
    const seen: unknown[] = [];
    deploy(realmCode(["make", "read"], `workflow("main", async () => read(await make()));`), {
      make: () => stream,
      async read(given) {
        for await (const value of given as ReadableStream) seen.push(value);
        return seen;
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    to.enqueue(1);
    await vi.waitFor(() => expect(seen).toEqual([1]));
    to.enqueue(2);
    to.close();
    expect(await run.returnValue).toEqual([1, 2]);
  });

  test("what its producer fails with is for the readers, after what came before; no step fails for it [06-6.7.step-result] [09-9.6.result]", async () => {
    let made = 0;
    deploy(
      realmCode(
        ["make", "read"],
        `workflow("main", async () => { const it = await make(); return [await read(it), it]; });`,
      ),
      {
        make() {
          made += 1;
          return ReadableStream.from(
            (async function* () {
              yield 1;
              throw new RangeError("broke off");
            })(),
          );
        },
        async read(given) {
          const seen: unknown[] = [];
          try {
            for await (const value of given as ReadableStream) seen.push(value);
          } catch (error) {
            seen.push((error as Error).name, (error as Error).message);
          }
          return seen;
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[unknown, ReadableStream]>(workflow("main"));
    const [seen, stream] = await run.returnValue;
    expect(seen).toEqual([1, "RangeError", "broke off"]);
    await expect(all(stream)).rejects.toThrow("broke off");
    expect(made).toBe(1);
  });

  test("a run may return streams; each reader of the result reads from the beginning [02-2.3] [09-9.1]", async () => {
    deploy(realmCode(["make"], `workflow("main", async (given) => ({ given, made: await make() }));`), {
      make: () => ReadableStream.from(["a", "b"]),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[ReadableStream], { given: ReadableStream; made: ReadableStream }>(workflow("main"), [
      ReadableStream.from(["c"]),
    ]);
    for (let reader = 0; reader < 2; reader += 1) {
      const { given, made } = await run.returnValue;
      expect([await all(given), await all(made)]).toEqual([["c"], ["a", "b"]]);
    }
  });

  test("a payload's stream flows to the run that gets it, with resumeHook and resumeOrStart [06-6.7]", async () => {
    deploy(
      realmCode(
        ["read"],
        `workflow("main", async () => {
          const hook = createHook({ token: "t" });
          return [await read((await hook).it), await read((await hook).it)];
        });`,
      ),
      { read: (given) => all(given) },
    );
    const world = await openWorld();
    await startEngine({ world });
    const { run } = await resumeOrStart("t", { it: ReadableStream.from([1]) }, workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("t", { it: ReadableStream.from([2]) });
    expect(await run.returnValue).toEqual([[1], [2]]);
  });

  test("a payload with a stream cannot be held: there may never be a run for it", async () => {
    await openWorld().then((world) => startEngine({ world }));
    const stream = ReadableStream.from([1]);
    await expect(resumeHook("nobody", { stream }, { hold: "1m" })).rejects.toMatchObject({
      name: "SerializationError",
      message: expect.stringContaining("cannot be held"),
    });
    expect(await all(stream)).toEqual([1]);
  });

  test("bytes stay bytes: what reads them chooses the pieces [06-6.7.stream-kinds]", async () => {
    const bytes = new ReadableStream({
      type: "bytes",
      start(controller) {
        controller.enqueue(utf8.encode("hello"));
        controller.enqueue(utf8.encode(" world"));
        controller.close();
      },
    });
    deploy(realmCode(["read"], `workflow("main", async (given) => [await read(given), given]);`), {
      async read(given) {
        const reader = (given as ReadableStream<Uint8Array>).getReader({ mode: "byob" });
        const pieces: string[] = [];
        for (let done = false; !done;) {
          const next = await reader.read(new Uint8Array(3));
          if (!next.done) pieces.push(Buffer.from(next.value).toString("utf8"));
          ({ done } = next);
        }
        return pieces;
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[ReadableStream], [string[], ReadableStream]>(workflow("main"), [bytes]);
    const [pieces, stream] = await run.returnValue;
    expect(pieces.join("")).toBe("hello world");
    expect(pieces.every((piece) => piece.length <= 3)).toBe(true);
    expect(await new Response(stream).text()).toBe("hello world");
  });

  test("one that is locked is refused, and nothing is written [06-6.4.bodies]", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    const world = await openWorld();
    const { stream } = source();
    stream.getReader();
    await expect(start(workflow("main"), [{ stream }])).rejects.toThrow(
      "args[0].stream is a ReadableStream that is locked. Call releaseLock() on its reader",
    );
    expect((await world.runs.list({})).data).toEqual([]);
  });

  test("when nothing was started, the stream is the caller's as before", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    const world = await openWorld();
    await startEngine({ world });
    const stream = ReadableStream.from([1]);
    await expect(start(workflow("main"), [stream, () => {}])).rejects.toThrow("a function");
    await expect(resumeHook("nobody", stream)).rejects.toThrow("nobody");
    await expect(resumeHook("nobody", stream, { idempotencyKey: "" })).rejects.toThrow("idempotencyKey");
    await expect(resumeOrStart("t", stream, workflow("main"), [() => {}])).rejects.toThrow("a function");
    await expect(resumeOrStart("t", () => {}, workflow("main"), [stream])).rejects.toThrow("a function");
    expect(stream.locked).toBe(false);
    expect(await all(stream)).toEqual([1]);
  });

  test("a stream in two places of a value is one", async () => {
    deploy(realmCode(["same"], `workflow("main", async (a, b) => [a === b, await same([a, b])]);`), {
      same: async (pair) => {
        const [one, other] = pair as ReadableStream[];
        // It is fed beside the run, which may end first when nobody reads.
        await all(one as ReadableStream);
        return one === other;
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const stream = ReadableStream.from([]);
    const run = await start(workflow("main"), [stream, stream]);
    expect(await run.returnValue).toEqual([true, true]);
    expect(await valueStreamsOf(world, run.runId)).toHaveLength(1);
  });

  test("a step that passes on what it got passes the stream itself, from where it was read to [09-9.6]", async () => {
    deploy(realmCode(["skip"], `workflow("main", async (given) => skip(await skip(given)));`), {
      async skip(given) {
        const reader = (given as ReadableStream).getReader();
        await reader.read();
        reader.releaseLock();
        return given;
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[ReadableStream], ReadableStream>(workflow("main"), [ReadableStream.from([1, 2, 3, 4])]);
    expect(await all(await run.returnValue)).toEqual([3, 4]);
    expect(await valueStreamsOf(world, run.runId)).toHaveLength(1);
  });

  test("workflow code can neither make nor read nor write one [09-9.4] [01-1.14.streams]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async (given) => {
          const uses = [
            () => given.getReader(), () => given.tee(), () => given[Symbol.asyncIterator](), () => given.cancel(),
            () => getWritable().getWriter(), () => getWritable().close(), () => getWritable().abort(),
            () => new ReadableStream(), () => new WritableStream({}), () => ReadableStream.from([]),
          ];
          return uses.map((use) => { try { use(); } catch (error) { return error.message; } });
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const messages = (await (await start(workflow("main"), [ReadableStream.from([])])).returnValue) as string[];
    expect(messages).toHaveLength(10);
    for (const message of messages) expect(message).toMatch(/cannot be called in a workflow body.*"use step"/);
  });

  test("a WritableStream of the caller's is refused with a hint", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    await openWorld();
    await expect(start(workflow("main"), [new WritableStream()])).rejects.toThrow(
      "args[0] is a WritableStream of this process",
    );
  });
});
