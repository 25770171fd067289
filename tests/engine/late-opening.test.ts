import { expect, test } from "vitest";
import { start } from "workflow/api";
import { type RunRecord, type World, WorkflowWorldError } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";

/** What a read of the whole history comes to, the n-th time that one is made. */
type Reading = (record: RunRecord, n: number) => RunRecord;

function reading(inner: World, read: Reading): World {
  let n = 0;
  const own: Pick<World, "read"> = {
    async read(runId, after) {
      const record = await inner.read(runId, after);
      return after === 0 ? read(record, ++n) : record;
    },
  };
  return Object.create(inner, { read: { value: own.read } }) as World;
}

describeEngine("a run that is opened", ({ openWorld, startEngine }) => {
  test("a World that fails once costs no problem of the run", async () => {
    deploy(realmCode(["work"], `workflow("main", () => work());`), { work: async () => "done" });
    const world = reading(await openWorld(), (record, n) => {
      if (n === 1) throw new WorkflowWorldError("WORLD_FAILED", "The connection was lost");
      return record;
    });
    const run = await start(workflow("main"), [], { world });
    const { problems } = await startEngine({ world });
    await expect(run.returnValue).resolves.toBe("done");
    expect(problems).toEqual([]);
  });

  test("one that has ended under a later lease is left alone, and nobody is told", async () => {
    const bodies: string[] = [];
    deploy(realmCode(["work"], `workflow("main", () => work());`), {
      work: async () => {
        bodies.push("work");
        return "done";
      },
    });
    const read: Reading = (record, n) => {
      if (n > 1) return record;
      const at = record.history[0]?.at ?? 0;
      const end = { type: "run_cancelled", data: {}, at, position: record.history.length + 1, turn: 2 } as const;
      return { ...record, history: [...record.history, end] };
    };
    const world = reading(await openWorld(), read);
    const run = await start(workflow("main"), [], { world });
    const { problems } = await startEngine({ world });
    await expect(run.returnValue).resolves.toBe("done");
    expect(problems).toEqual([]);
    expect(bodies).toEqual(["work"]);
  });
});
