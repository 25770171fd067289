import { expect, test } from "vitest";
import { getWritable } from "workflow";
import { getRun, start } from "workflow/api";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";
import { all } from "../support/value-streams.ts";

describeEngine("handles of a run's own streams", ({ openWorld, startEngine }) => {
  test("workflow code hands its stream to steps, which write to it as with getWritable [09-9.4] [01-1.10.handle]", async () => {
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
          for (const [stream, value] of [
            [own, 1],
            [logs, "line"],
          ] as const) {
            // oxfmt-ignore
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

  test("what a step wrote to a handle is durable before the step ends [09-9.3.durable]", async () => {
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

  test("a handle that goes on to another run still writes to its own [06-6.7.forwarded] [09-9.5.start]", async () => {
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
