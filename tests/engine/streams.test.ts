import { expect, test } from "vitest";
import { getWritable } from "workflow";
import { getRun, start } from "workflow/api";
import { StreamError, type WorkflowRunFailedError } from "workflow/errors";
import { streamName } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";
import { all, createGate, deploySteps, untilStepsOf, write } from "../support/streams.ts";

describeEngine("writing in steps", ({ openWorld, startEngine }) => {
  test("steps append to the stream of their run, and every reader sees the same [09-A.1] [09-9.1.chunks] [09-9.1.readers] [01-1.10.step]", async () => {
    deploySteps({ one: () => write(["first"]), two: () => write(["second"]) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const early = all(run.readable);
    await run.returnValue;
    expect(await early).toEqual(["first", "second"]);
    expect(await all(getRun(run.runId).getReadable())).toEqual(["first", "second"]);
    expect(await eventTypes(world, run.runId)).not.toContain("stream");
  });

  test("a stream that nobody closes stays open as long as its run [09-A.3] [09-9.2.live] [09-9.2.run-end] [09-9.3.end] [09-9.7.live]", async () => {
    const gate = createGate();
    deploySteps({ one: () => write(["a"]), two: () => gate.passed });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const reader = run.readable.getReader();
    expect(await reader.read()).toEqual({ done: false, value: "a" });
    const state = { ended: false };
    const end = reader.read().then((result) => ((state.ended = true), result));
    await untilStepsOf(run, 2);
    expect(state.ended).toBe(false);
    gate.open();
    expect(await end).toEqual({ done: true, value: undefined });
  });

  test("streams end with runs that fail or are cancelled, too [07-7.2] [09-9.3.end] [07-7.4.streams]", async () => {
    deploySteps({
      one: () => write(["a"]),
      two: async () => {
        throw Object.assign(new Error("no"), { fatal: true });
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const failed = await start(workflow("main"), []);
    expect(await all(failed.readable)).toEqual(["a"]);
    const gate = createGate();
    deploySteps({ one: () => write(["b"]), two: () => gate.passed });
    const cancelled = await start(workflow("main"), []);
    const [reading] = [all(cancelled.readable)];
    await untilStepsOf(cancelled, 2);
    await cancelled.cancel();
    expect(await reading).toEqual(["b"]);
    gate.open();
  });

  test("what a step wrote stays when it fails, and the retry appends [09-A.4] [07-7.9] [09-9.3.retry] [07-7.15.chunks]", async () => {
    let attempts = 0;
    deploySteps({
      one: async () => {
        attempts += 1;
        await write([`attempt ${attempts}`]);
        if (attempts === 1)
          throw Object.assign(new Error("again"), { name: "RetryableError", retryAfter: new Date(0) });
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["attempt 1", "attempt 2"]);
  });

  test("namespaces are streams of their own [09-A.5] [01-1.10.namespaces] [09-9.1.namespaces]", async () => {
    const names = [undefined, "", "logs", "a/b c\u{1f469}", "x".repeat(256)];
    deploySteps({
      one: async () => {
        for (const name of names) await write([`in ${String(name)}`], name);
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    for (const namespace of names) {
      expect(await all(run.getReadable({ namespace }))).toEqual([`in ${String(namespace)}`]);
    }
    expect(await all(run.getReadable({ namespace: "nobody's" }))).toEqual([]);
    // They were begun in one breath, in no order.
    const listed = await world.streams.list(run.runId);
    expect(listed.toSorted()).toEqual(names.map((name) => streamName(run.runId, name)).toSorted());
  });

  test("a namespace that cannot be is refused [01-1.10.namespaces]", async () => {
    const refused: unknown[] = [];
    deploySteps({
      one: async () => {
        for (const namespace of [7, null, "\ud800", "x".repeat(257)]) {
          try {
            getWritable({ namespace: namespace as string });
          } catch (error) {
            refused.push(error);
          }
        }
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    for (const error of refused) expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(refused).toHaveLength(4);
    expect(await world.streams.list(run.runId)).toEqual([]);
    expect(() => run.getReadable({ namespace: 7 as never })).toThrow(/namespace/);
    expect(() => run.getReadable({ startIndex: 0.5 })).toThrow(/startIndex/);
    expect(() => run.getWritable({ namespace: 7 as never })).toThrow(/namespace/);
  });

  test("in one step the stream is the same object each time, in another one its own [01-1.10.step]", async () => {
    const seen: unknown[] = [];
    const look = async (): Promise<void> =>
      void seen.push(getWritable(), getWritable(), getWritable({ namespace: "n" }));
    deploySteps({ one: look, two: look });
    const world = await openWorld();
    await startEngine({ world });
    await (
      await start(workflow("main"), [])
    ).returnValue;
    expect(seen[0]).toBeInstanceOf(WritableStream);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]).not.toBe(seen[2]);
    expect(seen[0]).not.toBe(seen[3]);
  });

  test("outside of runs there is no stream to write to [01-1.10.outside]", () => {
    expect(() => getWritable()).toThrow(expect.objectContaining({ name: "NotInWorkflowOrStepContextError" }));
  });

  test("workflow code gets something to hand on, and nothing else works [09-9.4] [01-1.10.handle]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const said = [];
          const writable = getWritable({ namespace: "n" });
          for (const use of [() => writable.getWriter(), () => writable.close(), () => writable.abort(), () => getWritable({ namespace: 7 })])
            try { use(); said.push("worked"); } catch (error) { said.push([error.name, error.message]); }
          return said;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual([
      ...["getWriter", "close", "abort"].map((name) => [
        "UnavailableInWorkflowContextError",
        expect.stringContaining(`WritableStream.${name}() cannot be called in a workflow body`),
      ]),
      ["WorkflowError", expect.stringContaining("namespace")],
    ]);
  });

  test("chunks are any value, each as it was when it was written; bytes stay bytes [09-9.2.values] [01-1.10.chunks]", async () => {
    const values = [
      "text",
      "",
      7,
      null,
      undefined,
      { a: [new Date(5), new Map([[1, 2n]])] },
      new Uint8Array([0, 1, 255]),
      Buffer.from("buffer"),
      new Float32Array([1.5, -2]),
      new Uint8Array([9, 8, 7]).buffer,
      new Uint8Array(0),
    ];
    deploySteps({
      one: async () => {
        const writer = getWritable().getWriter();
        const changed = { n: 1 };
        const first = writer.write(changed);
        await first;
        changed.n = 2;
        for (const value of values) void writer.write(value);
        writer.releaseLock();
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const found = await all(run.readable);
    expect(found).toEqual([
      { n: 1 },
      ...values.map((value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : value)),
    ]);
    expect(found.map((value) => Object.prototype.toString.call(value)).slice(7)).toEqual([
      "[object Uint8Array]",
      "[object Uint8Array]",
      "[object Float32Array]",
      "[object ArrayBuffer]",
      "[object Uint8Array]",
    ]);
  });

  test("a chunk that cannot be stored fails the step, with what it was [09-9.3]", async () => {
    deploySteps({ one: () => write([() => 7]) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const error = (await run.returnValue.catch((reason: unknown) => reason)) as WorkflowRunFailedError;
    expect(error.cause).toMatchObject({ name: "SerializationError", message: expect.stringContaining("stream chunk") });
  });

  test("closing closes the stream for everybody; who writes then gets an error [09-9.3.close] [03-3.3.StreamError]", async () => {
    const caught: unknown[] = [];
    deploySteps({
      one: async () => {
        const writer = getWritable().getWriter();
        await writer.write("last");
        await writer.close();
      },
      two: async () => {
        const writer = getWritable().getWriter();
        await writer.write("late").catch(() => {});
        await writer.closed.catch((error: unknown) => caught.push(error));
        await expect(writer.write("later")).rejects.toBe(caught[0]);
        throw Object.assign(new Error("done"), { fatal: true });
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["last"]);
    await run.returnValue.catch(() => {});
    expect(StreamError.is(caught[0])).toBe(true);
    expect((caught[0] as Error).message).toContain(run.runId);
  });

  test("a step that piped into the stream has closed it, at its end [09-9.3]", async () => {
    deploySteps({
      one: async () => {
        await ReadableStream.from(["a", "b", "c"]).pipeTo(getWritable());
        return "piped";
      },
      two: async () => (await world.streams.info({ runId: run.runId, name: streamName(run.runId) })).state,
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["a", "b", "c"]);
    expect(await run.returnValue).toEqual(["piped", "closed"]);
  });

  test("a pipe whose source breaks ends nobody else's stream [09-9.3]", async () => {
    deploySteps({
      one: async () => {
        const source = new ReadableStream({
          pull(controller) {
            controller.enqueue("before");
            controller.error(new Error("broke"));
          },
        });
        await source.pipeTo(getWritable()).catch(() => {});
      },
      two: () => write(["after"]),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect((await all(run.readable)).at(-1)).toBe("after");
    expect(await run.status).toBe("completed");
  });
});
