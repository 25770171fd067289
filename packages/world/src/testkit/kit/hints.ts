import { describe, expect } from "vitest";
import type { Hint, RunRecord, World } from "workflow/world";
import { AT, cancelled, completed, hookCreated, said } from "./events.ts";
import type { Check } from "./scene.ts";

/** Hints may be late or doubled, so the checks wait for one and never count them. */
export function describeHints(check: Check): void {
  describe("hints", () => {
    describeWork(check);
    describeListeners(check);
  });
}

/** Resolves with the next hint of `kind` for a run that `runId`, known later, names. */
function nextHint(world: World, kind: "work" | "ended"): (runId: string) => Promise<void> {
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  world.onHint((hint) => {
    if (hint.kind !== kind) return;
    told.push(hint.runId);
    for (const check of waiting) check();
  });
  return (runId) =>
    new Promise((resolve) => {
      const check = (): void => void (told.includes(runId) && resolve());
      waiting.push(check);
      check();
    });
}

function describeWork(check: Check): void {
  check("a new run that nobody owns is hinted at", async ({ world, create }) => {
    const work = nextHint(world, "work");
    await work(await create());
  });

  check("every kind of fact is hinted at", async ({ world, own }) => {
    const toHook = await own();
    await toHook.commit(hookCreated("hook_1", "door"));
    const toRun = await own();
    const work = nextHint(world, "work");
    await world.deliver({ token: "door" }, said("knock"));
    await work(toHook.runId);
    await world.deliver({ runId: toRun.runId }, cancelled());
    await work(toRun.runId);
  });

  check("a run that is given back while it is due is hinted at", async ({ world, own }) => {
    const due = await own();
    const unread = await own();
    await world.deliver({ runId: unread.runId }, cancelled());
    const work = nextHint(world, "work");
    await due.park(AT - 1);
    await work(due.runId);
    await unread.park(null);
    await work(unread.runId);
  });

  check("the end of a run is hinted at", async ({ world, own }) => {
    const owner = await own();
    const ended = nextHint(world, "ended");
    await owner.commit(completed);
    await ended(owner.runId);
  });
}

function describeListeners(check: Check): void {
  check("what a hint is about can be read by the time it arrives", async ({ world, own }) => {
    const owner = await own();
    const seen = new Promise<RunRecord>((resolve, reject) => {
      world.onHint((hint) => {
        if (hint.kind === "work" && hint.runId === owner.runId) world.read(hint.runId, 0).then(resolve, reject);
      });
    });
    await world.deliver({ runId: owner.runId }, cancelled());
    expect((await seen).inbox.map((fact) => fact.event.type)).toEqual(["run_cancelled"]);
  });

  check("a listener that was taken off hears nothing more; the others do", async ({ world, create }) => {
    const heard: Hint[] = [];
    const off = world.onHint((hint) => heard.push(hint));
    off();
    off();
    const work = nextHint(world, "work");
    await work(await create());
    expect(heard).toEqual([]);
  });
}
