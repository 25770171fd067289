import { expect, test } from "vitest";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

describeEngine("hooks that change hands", ({ openWorld, startEngine }) => {
  test("a hook is there before a step that gets its token begins, also where nothing waited since", async () => {
    const owners: string[] = [];
    deploy(
      realmCode(
        ["ask"],
        `workflow("main", async (rounds) => {
          const seen = [];
          for (let round = 0; round < rounds; round++) {
            let hook;
            if (round % 2 === 0) hook = createHook({ token: "even:" + round });
            else { hook = createHook(); createHook({ token: "beside:" + round }); }
            await ask(hook.token);
            seen.push(await hook);
          }
          return seen;
        });`,
      ),
      {
        async ask(token) {
          owners.push((await getHookByToken(token as string)).runId);
          await resumeHook(token as string, owners.length);
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [6]);
    expect(await run.returnValue).toEqual([1, 2, 3, 4, 5, 6]);
    expect(owners).toEqual(Array.from({ length: 6 }, () => run.runId));
  });

  test("a run takes its own token again in each round, and no payload goes to an older hook", async () => {
    deploy(
      realmCode(
        ["ask"],
        `workflow("main", async (rounds) => {
          const seen = [];
          for (let round = 0; round < rounds; round++) {
            const hook = createHook({ token: "mine" });
            await ask(round);
            seen.push(await hook);
            hook.dispose();
          }
          return seen;
        });`,
      ),
      { ask: async (round) => void (await resumeHook("mine", round)) },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [20]);
    expect(await run.returnValue).toEqual(Array.from({ length: 20 }, (_, round) => round));
    await expect(resumeHook("mine", "late")).rejects.toThrow(HookNotFoundError);
  });

  test("runs that wait for the end of whoever has the token get it one after the other", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          for (let tries = 1; ; tries++) {
            const hook = createHook({ token: "baton" });
            const owner = await hook.getConflict();
            if (owner === null) return { got: await hook, tries };
            await owner.returnValue;
          }
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world, concurrency: 1 });
    const runs = await Promise.all(Array.from({ length: 5 }, () => start(workflow("main"), [])));
    const seen: string[] = [];
    for (let round = 0; round < runs.length; round++) {
      const { runId } = await untilHook("baton", seen);
      seen.push(runId);
      await resumeHook("baton", round);
      await runs.find((run) => run.runId === runId)?.returnValue;
    }
    const results = await Promise.all(runs.map((run) => run.returnValue as Promise<{ got: number; tries: number }>));
    expect(results.map(({ got }) => got).toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(seen)).toEqual(new Set(runs.map(({ runId }) => runId)));
  });

  test("a token that is given back in a loop goes to a run that waits for it", async () => {
    deploy(
      realmCode(
        ["turn"],
        `workflow("main", async (rounds) => {
          const mine = [];
          while (mine.length < rounds) {
            const hook = createHook({ token: "turn" });
            if ((await hook.getConflict()) === null) mine.push(await hook);
            hook.dispose();
            await turn();
          }
          return mine;
        });`,
      ),
      { turn: async () => {} },
    );
    const world = await openWorld();
    await startEngine({ world });
    const runs = [await start(workflow("main"), [5]), await start(workflow("main"), [5])];
    const taken = new Map<string, number>();
    for (let sent = 0; sent < 10; sent++) {
      const { runId } = await resumed("turn", sent);
      taken.set(runId, (taken.get(runId) ?? 0) + 1);
      await untilEvent(world, runId, "hook_disposed", taken.get(runId));
    }
    const received = (await Promise.all(runs.map((run) => run.returnValue))).flat() as number[];
    expect(received.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

/** Resolves once a run that had no turn yet has the token. */
async function untilHook(token: string, before: readonly string[]): Promise<{ readonly runId: string }> {
  for (let tries = 0; tries < 2_000; tries++) {
    const hook = await getHookByToken(token).catch(() => undefined);
    if (hook !== undefined && !before.includes(hook.runId)) return hook;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Nobody took ${token}`);
}

/** Resumes whoever has the token, as soon as someone has. */
async function resumed(token: string, payload: unknown): Promise<{ readonly runId: string }> {
  for (let tries = 0; tries < 2_000; tries++) {
    try {
      return await resumeHook(token, payload);
    } catch (error) {
      if (!HookNotFoundError.is(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  throw new Error(`Nobody took ${token}`);
}
