import { describe, expect } from "vitest";
import type { Payload } from "workflow/world";
import {
  admit,
  AT,
  completed,
  entry,
  hookCreated,
  payload,
  runIdOf,
  said,
  saidItself,
  systemHookCreated,
} from "./events.ts";
import type { Check, Owner, Scene } from "./scene.ts";

const HOUR = 3_600_000;

/** System hooks: those who wait for the abort of a signal are told, and nobody else sees them. */
export function describeFirstPayloads(check: Check): void {
  describe("system hooks", () => {
    describeLooks(check);
    describeWaits(check);
    describeEnds(check);
    describeReads(check);
  });
}

/** A run with the system hook `hook_s`. */
async function ownerOf({ own }: Scene): Promise<Owner> {
  const owner = await own();
  await owner.commit(systemHookCreated("hook_s", "abrt_s"));
  return owner;
}

function wait({ world }: Scene, runId: string, signal?: AbortSignal): Promise<Payload | null> {
  const hook = { runId, hookId: "hook_s" };
  return world.hooks.firstPayload(hook, { timeoutMs: HOUR, ...(signal !== undefined && { signal }) });
}

function describeLooks(check: Check): void {
  check("a payload is there as soon as it is accepted, and stays when the run takes it in", async (scene) => {
    const owner = await ownerOf(scene);
    await scene.world.deliver({ token: "abrt_s" }, said("first"));
    await scene.world.deliver({ token: "abrt_s" }, said("second"));
    expect(await wait(scene, owner.runId)).toBe(payload("first"));
    const [fact] = await owner.inbox();
    await owner.turn({ entries: [admit(fact?.id ?? 0)] });
    expect(await wait(scene, owner.runId)).toBe(payload("first"));
  });

  check("what workflow code says itself is there, also beside facts that it has not taken", async (scene) => {
    const owner = await ownerOf(scene);
    await owner.commit(hookCreated("hook_1", "door"));
    await scene.world.deliver({ token: "door" }, said("knock"));
    await owner.commit(saidItself("hook_s", "mine"));
    expect(await wait(scene, owner.runId)).toBe(payload("mine"));
  });

  check("it stays there when the run has ended", async (scene) => {
    const owner = await ownerOf(scene);
    await owner.commit(saidItself("hook_s", "mine"), completed);
    expect(await wait(scene, owner.runId)).toBe(payload("mine"));
  });

  check("who has looked in vain before finds what came since, wherever it is", async (scene) => {
    const owner = await ownerOf(scene);
    const look = (): Promise<Payload | null> => wait(scene, owner.runId, AbortSignal.abort());
    expect(await look()).toBeNull();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await look()).toBeNull();
    await owner.commit(saidItself("hook_s", "mine"), hookCreated("hook_2", "gate"));
    expect(await look()).toBe(payload("mine"));
    expect(await look()).toBe(payload("mine"));
  });
}

function describeWaits(check: Check): void {
  check("everyone who waits is told of a delivery, without the clock moving", async (scene) => {
    const { runId } = await ownerOf(scene);
    const waiting = [wait(scene, runId), wait(scene, runId)];
    await scene.world.deliver({ token: "abrt_s" }, said("stop"));
    expect(await Promise.all(waiting)).toEqual([payload("stop"), payload("stop")]);
  });

  check("everyone who waits is told of a delivery to the hook by its run", async (scene) => {
    const { runId } = await ownerOf(scene);
    const waiting = wait(scene, runId);
    await scene.world.deliver({ runId }, { ...said("stop"), correlationId: "hook_s" });
    expect(await waiting).toBe(payload("stop"));
  });

  check("everyone who waits is told of what a turn says, also when it ends the run", async (scene) => {
    const one = await ownerOf(scene);
    const waiting = wait(scene, one.runId);
    await one.commit(saidItself("hook_s", "mine"));
    expect(await waiting).toBe(payload("mine"));
    const two = await scene.own();
    await two.commit(systemHookCreated("hook_s", "abrt_t"));
    const last = wait(scene, two.runId);
    await two.commit(saidItself("hook_s", "the last word"), completed);
    expect(await last).toBe(payload("the last word"));
  });

  check("a payload that was given to the owner itself counts too", async (scene) => {
    const owner = await ownerOf(scene);
    const waiting = wait(scene, owner.runId);
    await owner.commit({ ...said("direct"), correlationId: "hook_s" });
    expect(await waiting).toBe(payload("direct"));
  });

  check("what was held for the token is the hook's once it is created", async (scene) => {
    const owner = await scene.own();
    await scene.world.deliver({ token: "abrt_s" }, said("early"), { holdUntil: AT + HOUR });
    const waiting = wait(scene, owner.runId);
    await owner.commit(systemHookCreated("hook_s", "abrt_s"));
    expect(await waiting).toBe(payload("early"));
  });

  check("neither another hook's payload nor another run's ends a wait", async (scene) => {
    const owner = await ownerOf(scene);
    const other = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"));
    await other.commit(systemHookCreated("hook_s", "abrt_other"));
    const state = { settled: false };
    const waiting = wait(scene, owner.runId).finally(() => (state.settled = true));
    await scene.world.deliver({ token: "door" }, said("knock"));
    await scene.world.deliver({ token: "abrt_other" }, said("stop"));
    await scene.clock.advanceSettled(10_000);
    // A hint about a hook of the same id may wake it; then it says that there is nothing.
    if (state.settled) expect(await waiting).toBeNull();
    expect(await wait(scene, owner.runId, AbortSignal.abort())).toBeNull();
  });
}

function describeEnds(check: Check): void {
  check("a wait ends without a payload with its run, its time or its signal", async (scene) => {
    const owner = await ownerOf(scene);
    const stop = new AbortController();
    const stopped = wait(scene, owner.runId, stop.signal);
    stop.abort();
    expect(await stopped).toBeNull();
    const timed = scene.world.hooks.firstPayload({ runId: owner.runId, hookId: "hook_s" }, { timeoutMs: 1_000 });
    await scene.clock.advanceSettled(1_000);
    expect(await timed).toBeNull();
    const waiting = wait(scene, owner.runId);
    await owner.commit(completed);
    expect(await waiting).toBeNull();
    expect(await wait(scene, owner.runId)).toBeNull();
  });

  check("a wait for a payload of an unknown run is an error at once", async (scene) => {
    await expect(wait(scene, runIdOf(999))).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  check("a wait for a payload that is under way when the World closes is refused", async (scene) => {
    const { runId } = await ownerOf(scene);
    const waiting = wait(scene, runId).catch((error: unknown) => error);
    await scene.world.close();
    expect(await waiting).toMatchObject({ code: "WORLD_CLOSED" });
  });
}

function describeReads(check: Check): void {
  check("no list shows a system hook; one with such a token that a user made is shown", async (scene) => {
    const owner = await ownerOf(scene);
    await owner.turn({ entries: [hookCreated("hook_1", "door"), hookCreated("hook_2", "abrt_mine")].map(entry) });
    const tokens = async (runId?: string): Promise<string[]> =>
      (await scene.world.hooks.list(runId === undefined ? {} : { runId })).data.map(({ token }) => token).toSorted();
    expect(await tokens()).toEqual(["abrt_mine", "door"]);
    expect(await tokens(owner.runId)).toEqual(["abrt_mine", "door"]);
  });

  check("who delivers to a system hook learns that it is one", async (scene) => {
    await ownerOf(scene);
    const delivery = await scene.world.deliver({ token: "abrt_s" }, said("stop"));
    expect(delivery).toMatchObject({ status: "delivered", hook: { hookId: "hook_s", isSystem: true } });
  });
}
