import { describe, expect } from "vitest";
import type { Payload } from "workflow/world";
import { cancelled, completed, payload, runIdOf } from "./events.ts";
import type { Check, Scene } from "./scene.ts";

const HOUR = 3_600_000;

/** Answers of steps to HTTP requests: stored once, and told to whoever waits. */
export function describeAnswers(check: Check): void {
  describe("answers", () => {
    describeFirst(check);
    describeWaits(check);
    describeEnds(check);
  });
}

function wait({ world }: Scene, runId: string, signal?: AbortSignal): Promise<Payload | null> {
  return world.answers.wait("req_1", { runId, timeoutMs: HOUR, ...(signal !== undefined && { signal }) });
}

function describeFirst(check: Check): void {
  check("the first answer to a request stays, whoever else answers", async (scene) => {
    const { world, own } = scene;
    const { runId } = await own();
    const texts = Array.from({ length: 20 }, (_, n) => payload(String(n)));
    const firsts = await Promise.all(texts.map((text) => world.answers.put("req_1", text)));
    expect(firsts.filter(Boolean)).toEqual([true]);
    const stored = texts[firsts.indexOf(true)];
    expect(await wait(scene, runId)).toBe(stored);
    expect(await world.answers.put("req_1", payload("late"))).toBe(false);
    expect(await wait(scene, runId)).toBe(stored);
    expect(await world.answers.put("req_2", payload("of another request"))).toBe(true);
  });

  check("an answer is there at once for who waits later, also after the run has ended", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own();
    await world.answers.put("req_1", payload("yes"));
    expect(await wait(scene, owner.runId)).toBe(payload("yes"));
    await owner.commit(completed);
    clock.advance(23 * HOUR);
    expect(await wait(scene, owner.runId)).toBe(payload("yes"));
  });

  check("an answer is forgotten after a day", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own();
    await world.answers.put("req_1", payload("yes"));
    clock.advance(24 * HOUR - 1);
    expect(await world.answers.put("req_1", payload("no"))).toBe(false);
    clock.advance(1);
    await owner.commit(completed);
    expect(await wait(scene, owner.runId)).toBeNull();
    expect(await world.answers.put("req_1", payload("again"))).toBe(true);
    expect(await wait(scene, owner.runId)).toBe(payload("again"));
  });

  check("an answer is stored also when the run has ended", async (scene) => {
    const owner = await scene.own();
    await owner.commit(completed);
    expect(await wait(scene, owner.runId)).toBeNull();
    expect(await scene.world.answers.put("req_1", payload("yes"))).toBe(true);
    expect(await wait(scene, owner.runId)).toBe(payload("yes"));
  });

  check("an answer is kept to the letter", async (scene) => {
    const { world, own } = scene;
    const { runId } = await own();
    const answer = `"'\u0001\u2028 \u{1f469}${"x".repeat(1_000_000)}`;
    await world.answers.put("req_1", answer);
    expect(await wait(scene, runId)).toBe(answer);
  });
}

function describeWaits(check: Check): void {
  check("everyone who waits is told when the answer comes, without the clock moving", async (scene) => {
    const { world, own } = scene;
    const { runId } = await own();
    const waiting = Array.from({ length: 5 }, () => wait(scene, runId));
    await world.answers.put("req_1", payload("yes"));
    for (const answer of await Promise.all([...waiting, wait(scene, runId)])) expect(answer).toBe(payload("yes"));
  });

  check("an answer that comes before the run ends reaches who waits", async (scene) => {
    const owner = await scene.own();
    const waiting = wait(scene, owner.runId);
    await Promise.all([scene.world.answers.put("req_1", payload("yes")), owner.commit(completed)]);
    expect(await waiting).toBe(payload("yes"));
  });

  check("neither another answer, nor the end of another run, nor a fact ends a wait", async (scene) => {
    const { world, clock, own } = scene;
    const { runId } = await own();
    const other = await own();
    const state = { settled: false };
    const waiting = wait(scene, runId).finally(() => (state.settled = true));
    await world.answers.put("req_2", payload("no"));
    await other.commit(completed);
    await world.deliver({ runId }, cancelled());
    await clock.advanceSettled(10_000);
    expect(state.settled).toBe(false);
    await world.answers.put("req_1", payload("yes"));
    expect(await waiting).toBe(payload("yes"));
  });
}

function describeEnds(check: Check): void {
  check("a wait ends without an answer when the run does", async (scene) => {
    const owner = await scene.own();
    const waiting = [wait(scene, owner.runId), wait(scene, owner.runId)];
    await owner.commit(completed);
    expect(await Promise.all(waiting)).toEqual([null, null]);
    expect(await wait(scene, owner.runId)).toBeNull();
  });

  check("a wait ends without an answer after its timeout, not before", async (scene) => {
    const { clock, own } = scene;
    const { runId } = await own();
    const state = { settled: false };
    const waiting = scene.world.answers.wait("req_1", { runId, timeoutMs: 5000 }).finally(() => (state.settled = true));
    await clock.advanceSettled(4000);
    expect(state.settled).toBe(false);
    for (let seconds = 0; seconds < 10 && !state.settled; seconds += 1) await clock.advanceSettled(1000);
    expect(await waiting).toBeNull();
  });

  check("a wait that is aborted ends without an answer", async (scene) => {
    const { runId } = await scene.own();
    const abort = new AbortController();
    const waiting = wait(scene, runId, abort.signal);
    abort.abort();
    expect(await waiting).toBeNull();
    expect(await wait(scene, runId, abort.signal)).toBeNull();
  });

  check("a wait for an answer of an unknown run is an error at once", async (scene) => {
    await scene.own();
    await expect(wait(scene, runIdOf(999))).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  check("a wait for an answer that is under way when the World closes is refused", async (scene) => {
    const { runId } = await scene.own();
    const waiting = wait(scene, runId).catch((error: unknown) => error);
    await scene.world.close();
    expect(await waiting).toMatchObject({ code: "WORLD_CLOSED" });
  });
}
