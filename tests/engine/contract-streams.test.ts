// What the contract says about writing to streams (09 sections 9.1 and 9.3), where no other file has it.
import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { getWritable } from "workflow";
import { start } from "workflow/api";
import { STREAM_PAGE_CHUNKS } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";
import { all, deploySteps, write } from "../support/streams.ts";

/** More than one call to the World may carry. */
const MANY = Array.from({ length: 2 * STREAM_PAGE_CHUNKS + 500 }, (_, index) => index);

describeEngine("contract: streams", ({ openWorld, startEngine }) => {
  test("chunks are not in the history [09-9.1.history]", async () => {
    deploySteps({ one: () => write(["a text to look for"]), two: async () => "another text" });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    expect(await all(run.readable)).toEqual(["a text to look for"]);
    const history = JSON.stringify((await world.read(run.runId, 0)).history);
    expect(history).toContain("another text");
    expect(history).not.toContain("a text to look for");
  });

  test("one write is one chunk; thousands that are written at once keep their order and go in bounded pieces, the first at once [09-9.1.chunks] [09-9.3.order] [09-9.3.flush]", async () => {
    deploySteps({
      one: async () => {
        const writer = getWritable<number>().getWriter();
        await Promise.all(MANY.map((n) => writer.write(n)));
        writer.releaseLock();
      },
      two: async () => {},
    });
    const world = await openWorld();
    const store = world.streams.append.bind(world.streams);
    // The memory World would take each chunk before the next one comes.
    const append = vi.spyOn(world.streams, "append").mockImplementation(async (...args) => {
      await setImmediate();
      return store(...args);
    });
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    expect(await all(run.readable)).toEqual(MANY);
    expect(await run.readable.getTailIndex()).toBe(MANY.length - 1);
    const sizes = append.mock.calls.map(([, chunks]) => chunks.length).filter((size) => size > 0);
    expect(sizes[0]).toBe(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(STREAM_PAGE_CHUNKS);
    expect(sizes.length).toBeLessThan(MANY.length / 10);
  });

  test("several steps write at the same time; each keeps its order [09-9.3.concurrent] [07-7.15.chunks]", async () => {
    const numbers = MANY.slice(0, 50);
    const writing = (name: string) => async () => {
      const writer = getWritable<[string, number]>().getWriter();
      for (const n of numbers) await writer.write([name, n]);
      writer.releaseLock();
    };
    deploy(realmCode(["one", "two"], `workflow("parallel", async () => { await Promise.all([one(), two()]); });`), {
      one: writing("one"),
      two: writing("two"),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("parallel"), []);
    await run.returnValue;
    const chunks = (await all(run.readable)) as [string, number][];
    expect(chunks).toHaveLength(2 * numbers.length);
    for (const name of ["one", "two"]) {
      expect(chunks.filter(([by]) => by === name).map(([, n]) => n)).toEqual(numbers);
    }
  });

  test("a writer that is not released keeps no result from being recorded [09-9.3.unreleased]", async () => {
    deploySteps({
      one: async () => {
        await getWritable<string>().getWriter().write("kept");
        return "done";
      },
      two: async () => "next",
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual(["done", "next"]);
    expect(await all(run.readable)).toEqual(["kept"]);
  });
});
