import { createTestClock, withFaults } from "@workflow/world/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { getWritable } from "workflow";
import { getRun, resumeHook, resumeOrStart, start } from "workflow/api";
import { STREAM_PATIENCE_MS, type World } from "workflow/world";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

async function all(stream: unknown): Promise<unknown[]> {
  return Array.fromAsync(stream as ReadableStream);
}

const utf8 = new TextEncoder();
const text = async (stream: unknown): Promise<string> =>
  Buffer.concat((await all(stream)) as Uint8Array[]).toString("utf8");

/** A stream that gives what is pushed. */
function source<T>(): { readonly stream: ReadableStream<T>; readonly to: ReadableStreamDefaultController<T> } {
  let to!: ReadableStreamDefaultController<T>;
  const stream = new ReadableStream<T>({ start: (controller) => void (to = controller) });
  return { stream, to };
}

/** Who fed it is gone: the source never gives anything. */
const silent = (): ReadableStream => new ReadableStream({ pull: () => new Promise(() => {}) });

async function valueStreamsOf(world: World, runId: string): Promise<readonly string[]> {
  return (await world.streams.list(runId)).filter((name) => name.endsWith("_value"));
}

describeEngine("streams as values", ({ openWorld, startEngine }) => {
  test("a stream given to start is handed on by workflow code and read in a step [06-A.5] [09-9.6]", async () => {
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

  test("a step's stream reaches the next step while it is still being written [06-6.7] [09-9.6]", async () => {
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

  test("what its producer fails with is for the readers, after what came before; no step fails for it [06-6.7] [09-9.6]", async () => {
    let made = 0;
    deploy(
      realmCode(["make", "read"], `workflow("main", async () => { const it = await make(); return [await read(it), it]; });`),
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

  test("bytes stay bytes: what reads them chooses the pieces [06-6.7]", async () => {
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
        const { value } = await reader.read(new Uint8Array(3));
        return Buffer.from(value ?? []).toString("utf8");
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[ReadableStream], [string, ReadableStream]>(workflow("main"), [bytes]);
    const [first, stream] = await run.returnValue;
    expect(first).toBe("hel");
    expect(await new Response(stream).text()).toBe("hello world");
  });

  test("one that is locked is refused, and nothing is written [06-6.4]", async () => {
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
    expect(stream.locked).toBe(false);
    expect(await all(stream)).toEqual([1]);
  });

  test("a stream in two places of a value is one", async () => {
    deploy(realmCode(["same"], `workflow("main", async (a, b) => [a === b, await same([a, b])]);`), {
      same: (pair) => (pair as unknown[])[0] === (pair as unknown[])[1],
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

  test("workflow code can neither make nor read nor write one [01-1.14] [09-9.4]", async () => {
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
    for (const message of messages.slice(0, 7)) expect(message).toMatch(/not supported in workflow functions.*"use step"/);
    for (const message of messages.slice(7)) expect(message).toMatch(/not available in workflow functions.*"use step"/);
  });

  test("a WritableStream of the caller's is refused with a hint", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    await openWorld();
    await expect(start(workflow("main"), [new WritableStream()])).rejects.toThrow(
      "args[0] is a WritableStream of this process",
    );
  });
});

describeEngine("handles of a run's own streams", ({ openWorld, startEngine }) => {
  test("workflow code hands its stream to steps, which write to it as with getWritable [01-1.10] [09-9.4]", async () => {
    deploy(
      realmCode(
        ["write"],
        `workflow("main", async () => {
          const [own, logs] = [getWritable(), getWritable({ namespace: "löge" })];
          return [await write({ own, logs }), own instanceof WritableStream];
        });`,
      ),
      {
        async write(given) {
          const { own, logs } = given as Record<"own" | "logs", WritableStream>;
          for (const [stream, value] of [[own, 1], [logs, "line"]] as const) { // oxfmt-ignore
            const writer = stream.getWriter();
            await writer.write(value);
            writer.releaseLock();
          }
          return [own === getWritable(), logs === getWritable({ namespace: "löge" })];
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    expect(await run.returnValue).toEqual([[true, true], true]);
    expect(await all(run.readable)).toEqual([1]);
    expect(await all(run.getReadable({ namespace: "löge" }))).toEqual(["line"]);
  });

  test("what a step wrote to a handle is durable before the step ends [09-9.3]", async () => {
    deploy(realmCode(["write"], `workflow("main", async () => { await write(getWritable()); });`), {
      async write(given) {
        void (given as WritableStream).getWriter().write("late");
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await run.returnValue;
    expect(await all(run.readable)).toEqual(["late"]);
  });

  test("a handle that goes on to another run still writes to its own [06-6.7] [09-9.5]", async () => {
    deploy(
      realmCode(
        ["child", "write"],
        `workflow("main", async () => child(getWritable()));
        workflow("child", async (parent) => write(parent));`,
      ),
      {
        async child(given) {
          const child = await start(workflow("child"), [given, getWritable({ namespace: "own" })]);
          await child.returnValue;
          return child.runId;
        },
        async write(given) {
          const writer = (given as WritableStream).getWriter();
          await writer.write("from the child");
          writer.releaseLock();
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<string>(workflow("main"));
    const childId = await run.returnValue;
    expect(await all(run.readable)).toEqual(["from the child"]);
    expect(await all(getRun(childId).readable)).toEqual([]);
  });

  test("the stream of another run can be given to a run and its steps [09-9.5]", async () => {
    deploy(
      realmCode(
        ["write", "read"],
        `workflow("writer", async () => write(getWritable()));
        workflow("reader", async (given, run) => [await read(given), await read(run.readable),
          await read(run.getReadable({ startIndex: -1 }))]);`,
      ),
      {
        async write(given) {
          const writer = (given as WritableStream).getWriter();
          for (const value of [1, 2]) await writer.write(value);
        },
        read: (given) => all(given),
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const writer = await start(workflow("writer"));
    const run = await start(workflow("reader"), [writer.getReadable({ startIndex: 1 }), writer]);
    expect(await run.returnValue).toEqual([[2], [1, 2], [2]]);
  });
});

describeEngine("streams whose process is gone", ({ openWorld, startEngine }) => {
  const READ = realmCode(["read"], `workflow("main", async (given) => read(given));`);
  const read = async (given: unknown): Promise<unknown> =>
    all(given).catch((error: unknown) => [(error as Error).name, (error as Error).message]);

  test("an idle producer that lives is waited for, however long [09-9.6]", async () => {
    const clock = createTestClock();
    const { stream, to } = source<string>();
    deploy(READ, { read });
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), [stream]);
    await untilEvent(world, run.runId, "step_started");
    for (let seconds = 0; seconds < 100; seconds += 1) {
      await clock.advanceSettled(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    to.enqueue("at last");
    to.close();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["at last"]);
  });

  test("a reader is told when nothing is heard of the producer's process any more [09-9.6]", async () => {
    const clock = createTestClock();
    deploy(READ, { read });
    let dead = false;
    const world = withFaults(await openWorld(clock), ({ write }) => {
      if (write === "streams.append" && dead) return new Promise(() => {});
    });
    await startEngine({ world });
    const { stream, to } = source<string>();
    const run = await start(workflow("main"), [stream]);
    to.enqueue("first");
    const [name = ""] = await vi.waitUntil(async () => {
      const names = await valueStreamsOf(world, run.runId);
      return names.length > 0 && names;
    });
    await world.streams.wait({ runId: run.runId, name }, 0);
    dead = true;
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["StreamError", expect.stringContaining("was killed")]);
  });

  test("also when it went before it began [09-9.6]", async () => {
    const clock = createTestClock();
    deploy(READ, { read });
    const world = withFaults(await openWorld(clock), ({ write }) => {
      if (write === "streams.append") return new Promise(() => {});
    });
    await startEngine({ world });
    const run = await start(workflow("main"), [silent()]);
    const since = clock.elapsed();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["StreamError", expect.stringContaining("was killed")]);
    expect(clock.elapsed() - since).toBeGreaterThanOrEqual(STREAM_PATIENCE_MS);
  });

  test("a producer whose stream was closed by somebody is cancelled [09-9.3]", async () => {
    deploy(realmCode(["make"], `workflow("main", async () => make());`), { make: () => stream });
    const cancelled = Promise.withResolvers<unknown>();
    const stream = new ReadableStream({
      pull: (controller) => new Promise((resolve) => setTimeout(() => (controller.enqueue(1), resolve()), 1)),
      cancel: cancelled.resolve,
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await run.returnValue;
    const [name = ""] = await vi.waitUntil(async () => {
      const names = await valueStreamsOf(world, run.runId);
      return names.length > 0 && names;
    });
    await world.streams.append({ runId: run.runId, name }, [], { close: true });
    expect(await cancelled.promise).toMatchObject({ name: "StreamError" });
  });
});
