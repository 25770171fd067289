import { describe, expect } from "vitest";
import {
  admit,
  cancelled,
  completed,
  entry,
  failed,
  hookCreated,
  hookDisposed,
  payload,
  said,
  stepCreated,
} from "./events.ts";
import type { Check } from "./scene.ts";

/** Invariant I6: a token has one holder at a time, whatever happens around it and in whichever order. */
export function describeTokens(check: Check): void {
  describe("I6 token", () => {
    describeClaims(check);
    describeFreeing(check);
    describeOneTurn(check);
  });
}

function describeClaims(check: Check): void {
  check("of ten runs that claim a token at once, one holds it and nine learn who", async ({ world, own }) => {
    const owners = await Promise.all(Array.from({ length: 10 }, (_, n) => own(`wrkr_${n}`)));
    // In one breath: nothing is read between.
    const commits = await Promise.all(
      owners.map((owner, n) => owner.turn({ after: 2, entries: [entry(hookCreated(`hook_${n}`, "door"))] })),
    );
    const winner = owners.filter((_, n) => Object.keys(commits[n]?.conflicts ?? {}).length === 0);
    expect(winner).toHaveLength(1);
    const held = await world.hooks.getByToken("door");
    expect(held.runId).toBe(winner[0]?.runId);
    for (const [n, owner] of owners.entries()) {
      const last = (await owner.history()).at(-1);
      if (owner === winner[0]) {
        expect(last).toMatchObject({ type: "hook_created", data: { token: "door" } });
      } else {
        expect(commits[n]?.conflicts).toEqual({ [`hook_${n}`]: held.runId });
        expect(last).toMatchObject({
          type: "hook_conflict",
          data: { token: "door", conflictingRunId: held.runId },
        });
      }
    }
  });

  check("a conflict changes nothing else about the turn or the holder", async ({ world, own }) => {
    const holder = await own();
    const late = await own();
    await holder.commit(hookCreated("hook_1", "door", payload("mine")));
    const entries = [
      entry(stepCreated("step_1")),
      entry(hookCreated("hook_2", "door", payload("no, mine"))),
      entry(hookCreated("hook_3", "gate")),
    ];
    const { conflicts } = await late.turn({ entries });
    expect(conflicts).toEqual({ hook_2: holder.runId });
    expect((await late.history()).slice(2).map((event) => [event.type, event.correlationId])).toEqual([
      ["step_created", "step_1"],
      ["hook_conflict", "hook_2"],
      ["hook_created", "hook_3"],
    ]);
    expect((await late.history())[3]).not.toHaveProperty("payload");
    expect(await world.hooks.getByToken("door")).toMatchObject({
      runId: holder.runId,
      metadata: payload("mine"),
    });
    expect((await world.hooks.list({ runId: late.runId })).data.map((hook) => hook.hookId)).toEqual(["hook_3"]);
    await expect(world.hooks.get("hook_2")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
  });

  check("a run conflicts with its own other hook too", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect((await owner.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({
      hook_2: owner.runId,
    });
    expect((await world.hooks.getByToken("door")).hookId).toBe("hook_1");
  });

  check("resume, then claim: the early payload went nowhere; claim, then resume: it is delivered", async (scene) => {
    const { world, own } = scene;
    const owner = await own();
    expect(await world.deliver({ token: "door" }, said("early"))).toEqual({ status: "nobody" });
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await owner.inbox()).toEqual([]);
    expect(await world.deliver({ token: "door" }, said("in time"))).toMatchObject({
      status: "delivered",
    });
    expect((await owner.inbox()).map((fact) => fact.event.payload)).toEqual([payload("in time")]);
  });
}

function describeFreeing(check: Check): void {
  check("dispose, then claim: the next run gets the token and the next payload", async ({ world, own }) => {
    const first = await own();
    const second = await own();
    await first.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("for the first"));
    await first.commit(hookDisposed("hook_1"));
    expect((await second.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({});
    expect(await world.deliver({ token: "door" }, said("for the second"))).toMatchObject({
      runId: second.runId,
    });
    expect((await first.inbox()).map((fact) => fact.event.payload)).toEqual([payload("for the first")]);
    expect((await second.inbox()).map((fact) => fact.event.payload)).toEqual([payload("for the second")]);
  });

  check("claim, then dispose: the second claim stays a conflict", async ({ world, own }) => {
    const first = await own();
    const second = await own();
    await first.commit(hookCreated("hook_1", "door"));
    await second.commit(hookCreated("hook_2", "door"));
    await first.commit(hookDisposed("hook_1"));
    expect(await world.deliver({ token: "door" }, said("anyone?"))).toEqual({ status: "nobody" });
    expect((await second.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
  });

  for (const end of [completed, failed, cancelled()]) {
    check(`${end.type} frees every token of its run at once`, async ({ world, own }) => {
      const first = await own();
      const second = await own();
      await first.commit(hookCreated("hook_1", "door"), hookCreated("hook_2", "gate"));
      await first.commit(hookCreated("hook_3", "window"), end);
      for (const token of ["door", "gate", "window"]) {
        await expect(world.hooks.getByToken(token)).rejects.toMatchObject({
          code: "HOOK_NOT_FOUND",
        });
      }
      const claims = ["door", "gate", "window"].map((token, n) => hookCreated(`hook_${n + 4}`, token));
      expect((await second.commit(...claims)).conflicts).toEqual({});
      expect(await world.deliver({ token: "gate" }, said("hello"))).toMatchObject({
        runId: second.runId,
      });
    });
  }

  check("a loser of a claim frees nothing when it ends", async ({ world, own }) => {
    const holder = await own();
    const loser = await own();
    await holder.commit(hookCreated("hook_1", "door"));
    await loser.commit(hookCreated("hook_2", "door"));
    await loser.commit(completed);
    expect(await world.deliver({ token: "door" }, said("hello"))).toMatchObject({
      runId: holder.runId,
    });
  });

  check("a loser of a claim frees nothing when it disposes of its hook, in the same turn or later", async (scene) => {
    const { world, own } = scene;
    const holder = await own();
    const loser = await own();
    await holder.commit(hookCreated("hook_1", "door"));
    const { conflicts } = await loser.commit(hookCreated("hook_2", "door"), hookDisposed("hook_2"));
    expect(conflicts).toEqual({ hook_2: holder.runId });
    await loser.commit(hookCreated("hook_3", "door"));
    await loser.commit(hookDisposed("hook_3"));
    expect((await loser.history()).slice(2).map((event) => event.type)).toEqual([
      "hook_conflict",
      "hook_disposed",
      "hook_conflict",
      "hook_disposed",
    ]);
    expect(await world.deliver({ token: "door" }, said("hello"))).toMatchObject({
      runId: holder.runId,
    });
  });

  check("a hook is one of its run: another run's hook with the same id frees nothing", async ({ world, own }) => {
    const holder = await own();
    const other = await own();
    await holder.commit(hookCreated("hook_1", "door"));
    await other.commit(hookCreated("hook_1", "gate"));
    const { conflicts } = await other.commit(hookDisposed("hook_1"), hookCreated("hook_2", "door"));
    expect(conflicts).toEqual({ hook_2: holder.runId });
    expect(await world.deliver({ token: "door" }, said("hello"))).toMatchObject({ runId: holder.runId });
  });

  check("an earlier holder frees nothing when it ends", async ({ world, own }) => {
    const first = await own();
    const second = await own();
    await first.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"));
    await second.commit(hookCreated("hook_2", "door"));
    await first.commit(completed);
    expect(await world.deliver({ token: "door" }, said("hello"))).toMatchObject({
      runId: second.runId,
    });
  });

  check("a cancellation frees the token when it is taken, not when it is sent", async ({ world, own }) => {
    const first = await own();
    const second = await own();
    await first.commit(hookCreated("hook_1", "door"));
    await world.deliver({ runId: first.runId }, cancelled());
    expect((await second.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({
      hook_2: first.runId,
    });
    expect(await world.deliver({ token: "door" }, said("hello"))).toMatchObject({
      runId: first.runId,
    });
    await first.turn({ entries: [admit(Number((await first.inbox())[0]?.id))] });
    expect((await second.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
  });
}

function describeOneTurn(check: Check): void {
  check("dispose and claim of one token in one turn hand it to the new hook", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("for the old"));
    const { conflicts } = await owner.commit(hookDisposed("hook_1"), hookCreated("hook_2", "door"));
    expect(conflicts).toEqual({});
    expect((await world.deliver({ token: "door" }, said("for the new"))).status).toBe("delivered");
    expect((await owner.inbox()).map((fact) => [fact.event.correlationId, fact.event.payload])).toEqual([
      ["hook_1", payload("for the old")],
      ["hook_2", payload("for the new")],
    ]);
  });

  check("claim and dispose in one turn leave the token free", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"));
    expect(await world.deliver({ token: "door" }, said("hello"))).toEqual({ status: "nobody" });
    const other = await own();
    expect((await other.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({});
  });

  check("two claims of one token in one turn: the first has it", async ({ world, own }) => {
    const owner = await own();
    const { conflicts } = await owner.commit(hookCreated("hook_1", "door"), hookCreated("hook_2", "door"));
    expect(conflicts).toEqual({ hook_2: owner.runId });
    expect((await world.hooks.getByToken("door")).hookId).toBe("hook_1");
  });

  check("claim, dispose, claim and dispose in one turn end as if nothing was there", async ({ world, own }) => {
    const owner = await own();
    const { conflicts } = await owner.commit(
      hookCreated("hook_1", "door"),
      hookDisposed("hook_1"),
      hookCreated("hook_2", "door"),
      hookDisposed("hook_2"),
    );
    expect(conflicts).toEqual({});
    expect((await world.hooks.list()).data).toEqual([]);
  });
}
