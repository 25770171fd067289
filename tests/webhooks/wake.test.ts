// A scheduler asks a process to work, which otherwise does not. Time is a test's.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { resumeHook, start } from "workflow/api";
import { createWebhookHandler, toNodeListener } from "workflow/http";
import { setWorld } from "workflow/runtime";
import type { World } from "workflow/world";
import { workerFor } from "../../packages/workflow/src/worker/registry.ts";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";
import { operatorLog, refusalOf } from "./place.ts";
import { type Signing, WAKE_PATH, WAKE_SECRET, wakeRequest } from "./wake-message.ts";

const URL_OF_WAKE = `http://localhost/shop${WAKE_PATH}`;
const SECOND = 1_000;
/** While the test's clock goes on, data on disk takes real time. */
const LONG = '{"maxMs":300000}';

const APP = realmCode(
  ["work", "flaky"],
  `workflow("waits", async () => { await work(0); const got = await createHook({ token: "door" }); return work(got); });
  workflow("naps", async (ms) => { await sleep(ms); return work(1); });
  workflow("retries", async () => flaky());
  workflow("chain", async (length, ms) => { for (let n = 0; n < length; n++) await work(n, ms); });`,
);

const handler = createWebhookHandler();

interface Answer {
  readonly status: "idle" | "more";
  readonly nextDueAt: string | null;
  readonly turns: number;
  readonly steps: number;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  setWorld(undefined);
});

describeEngine("the address at which a process is asked to work", ({ worldName, openWorld, startEngine }) => {
  /** Where nothing takes real time, so that the test's clock says how long something took. */
  function expectPassed(ms: number, mostMs: number): void {
    expect(worldName === "memory" ? ms : 0).toBeLessThanOrEqual(mostMs);
  }

  interface Place {
    readonly world: World;
    readonly clock: TestClock;
    /** The attempts of steps, as they began. */
    readonly attempts: string[];
    /** Asks, and lets time pass until the answer is there. */
    wake(body?: string, signing?: Signing): Promise<Answer>;
    ask(body?: string, signing?: Signing): Promise<Response>;
  }

  async function place(): Promise<Place> {
    vi.stubEnv("WORKFLOW_WAKE_SECRET", WAKE_SECRET);
    const clock = createTestClock();
    const world = await openWorld(clock);
    setWorld(world);
    const attempts: string[] = [];
    deploy(APP, {
      async work(value, ms = 0) {
        attempts.push(`work ${String(value)}`);
        if (Number(ms) > 0) await new Promise<void>((resolve) => clock.delay(Number(ms), resolve));
        return value;
      },
      async flaky() {
        attempts.push("flaky");
        if (attempts.length === 1) throw new Error("not yet");
      },
    });
    const ask = async (body = "", signing: Signing = {}): Promise<Response> => {
      let response: Response | undefined;
      const answered = handler(wakeRequest(URL_OF_WAKE, body, { at: clock.now(), ...signing })).then(
        (got) => (response = got),
      );
      await passTime(clock, async () => response !== undefined);
      return answered;
    };
    return {
      world,
      clock,
      attempts,
      ask,
      async wake(body = LONG, signing) {
        const response = await ask(body, signing);
        expect(response.status).toBe(200);
        return (await response.json()) as Answer;
      },
    };
  }

  test("what is due is done, and then nobody has the runs any more", async () => {
    const { world, attempts, wake } = await place();
    const run = await start(workflow("waits"), []);
    expect(attempts).toEqual([]);
    expect(await wake()).toEqual({ status: "idle", nextDueAt: null, turns: 2, steps: 1 });
    expect([attempts, await run.status, workerFor(world)]).toEqual([["work 0"], "running", undefined]);
    await world.join("wrkr_other");
    expect(await world.leaseRun("wrkr_other", run.runId)).not.toBeNull();
    await world.leave("wrkr_other");

    await resumeHook("door", 7);
    expect(await wake()).toMatchObject({ status: "idle", steps: 1 });
    expect([attempts, await run.status]).toEqual([["work 0", "work 7"], "completed"]);
    expect(await wake()).toEqual({ status: "idle", nextDueAt: null, turns: 0, steps: 0 });
  });

  test("the answer says when to ask again, and what is due within a second is waited for", async () => {
    const { clock, attempts, wake } = await place();
    const began = clock.now();
    const retried = await start(workflow("retries"), []);
    const napping = await start(workflow("naps"), [3600 * SECOND]);
    const answer = await wake();
    expect([attempts, await retried.status]).toEqual([["flaky", "flaky"], "completed"]);
    const due = Date.parse(String(answer.nextDueAt));
    expect(answer).toMatchObject({ status: "idle", steps: 2 });
    expect(due - began).toBeGreaterThanOrEqual(3600 * SECOND);
    expect(due - began).toBeLessThan(3601 * SECOND);
    clock.advanceTo(due - 2 * SECOND);
    expect(await wake()).toMatchObject({ status: "idle", nextDueAt: answer.nextDueAt, steps: 0 });
    clock.advanceTo(due);
    expect(await wake()).toMatchObject({ status: "idle", nextDueAt: null, steps: 1 });
    expect(await napping.status).toBe("completed");
  });

  test("no step begins in the second half of the time, and none is cut that ends in it", async () => {
    const { world, clock, attempts, wake } = await place();
    const run = await start(workflow("chain"), [5, 1_200]);
    const steps: number[] = [];
    for (let status = "more"; status === "more";) {
      const begun = clock.elapsed();
      const answer = await wake('{"maxMs":4000}');
      ({ status } = answer);
      steps.push(answer.steps);
      expectPassed(clock.elapsed() - begun, 4_000);
    }
    // A second step begins after 1,200 ms, and a third one would after 2,400.
    expect(Math.max(...steps)).toBeLessThanOrEqual(2);
    expect([attempts, await run.status]).toEqual([[0, 1, 2, 3, 4].map((n) => `work ${n}`), "completed"]);
    expect(await eventTypes(world, run.runId)).not.toContain("step_retrying");
  });

  test("a step that takes longer is begun again by the next call", async () => {
    const { clock, attempts, wake } = await place();
    const run = await start(workflow("chain"), [1, 6_000]);
    while (attempts.length === 0) {
      const begun = clock.elapsed();
      expect(await wake('{"maxMs":4000}')).toMatchObject({ status: "more" });
      expectPassed(clock.elapsed() - begun, 4_100);
    }
    expect(attempts).toEqual(["work 0"]);
    expect(await wake()).toMatchObject({ status: "idle", steps: 1 });
    expect([attempts, await run.status]).toEqual([["work 0", "work 0"], "completed"]);
  });

  test("of two calls at once the second gets what comes of the first", async () => {
    const { clock, attempts, wake } = await place();
    const run = await start(workflow("chain"), [3, 100]);
    const both = Promise.all([handler(wakeRequest(URL_OF_WAKE, LONG, { at: clock.now() })), wake()]);
    const [first, second] = await both;
    expect(await first.json()).toEqual(second);
    expect([second.status, attempts.length, await run.status]).toEqual(["idle", 3, "completed"]);
  });

  test("a call that finds another one at work waits for it no longer than it may take itself", async () => {
    const { world, clock, wake } = await place();
    await start(workflow("chain"), [1, 2_000]);
    const begun = clock.elapsed();
    const first = handler(wakeRequest(URL_OF_WAKE, LONG, { at: clock.now() }));
    expect(await wake('{"maxMs":500}')).toMatchObject({ status: "more", turns: 0, steps: 0 });
    expectPassed(clock.elapsed() - begun, 600);
    await passTime(clock, async () => workerFor(world) === undefined);
    expect(await (await first).json()).toMatchObject({ status: "idle", steps: 1 });
  });

  test("where a worker runs already the answer only says how it stands", async () => {
    const { world, wake } = await place();
    const { worker } = await startEngine({ world });
    const run = await start(workflow("naps"), [3600 * SECOND]);
    await vi.waitFor(() => expect(worker.nextAlarm).not.toBeNull());
    const alarm = new Date(Number(worker.nextAlarm)).toISOString();
    expect(await wake()).toEqual({ status: "idle", nextDueAt: alarm, turns: 0, steps: 0 });
    expect([workerFor(world), await run.status]).toEqual([worker, "running"]);
  });

  test("a message that comes again has nothing done", async () => {
    const { attempts, wake } = await place();
    expect(await wake(LONG, { id: "msg_1" })).toMatchObject({ status: "idle", steps: 0 });
    await start(workflow("waits"), []);
    const again = await wake(LONG, { id: "msg_1" });
    expect([again.status, again.steps, attempts]).toEqual(["more", 0, []]);
  });

  test("what is not signed, or not now, is refused and has nothing done", async () => {
    const { clock, attempts, ask } = await place();
    await start(workflow("waits"), []);
    const lines = operatorLog();
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    expect(await refusalOf(await ask("", { secret: other }))).toEqual([401, "WEBHOOK_NOT_VERIFIED"]);
    for (const at of [clock.now() - 400 * SECOND, clock.now() + 400 * SECOND]) {
      expect(await refusalOf(await ask("", { at }))).toEqual([401, "WEBHOOK_NOT_VERIFIED"]);
    }
    const plain = new Request(URL_OF_WAKE, { method: "POST", body: '{"maxMs":1}' });
    expect(await refusalOf(await handler(plain))).toEqual([401, "WEBHOOK_NOT_VERIFIED"]);
    const { headers } = wakeRequest(URL_OF_WAKE, "{}", { at: clock.now() });
    const changed = new Request(URL_OF_WAKE, { method: "POST", headers, body: '{"maxMs":300000}' });
    expect(await refusalOf(await handler(changed))).toEqual([401, "WEBHOOK_NOT_VERIFIED"]);
    expect([attempts, lines.length]).toEqual([[], 5]);
    expect(lines.join("\n")).toContain("WORKFLOW_WAKE_SECRET");
  });

  test.for(["[]", "null", "{", '{"maxMs":0}', '{"maxMs":300001}', '{"maxMs":"10s"}'])(
    "the body %s is refused",
    async (body) => {
      const { ask } = await place();
      expect(await refusalOf(await ask(body))).toEqual([400, "INVALID_ARGUMENT"]);
    },
  );

  test("an empty body is a call of ten seconds", async () => {
    const { clock, attempts, ask } = await place();
    await start(workflow("chain"), [1, 60_000]);
    const begun = clock.elapsed();
    expect(await (await ask("")).json()).toMatchObject({ status: "more" });
    expect(clock.elapsed() - begun).toBeGreaterThanOrEqual(10 * SECOND - 50);
    expectPassed(clock.elapsed() - begun, 10 * SECOND + 100);
    expect(attempts).toEqual(["work 0"]);
  });

  test("a body that is too large is refused before it is looked at", async () => {
    const { ask } = await place();
    expect(await refusalOf(await ask("x".repeat(2_000)))).toEqual([413, "WEBHOOK_BODY_TOO_LARGE"]);
  });

  test("without a secret there is no such address", async () => {
    const { clock } = await place();
    vi.stubEnv("WORKFLOW_WAKE_SECRET", "");
    const nothing = await seen(await handler(new Request("http://localhost/nothing", { method: "POST" })));
    expect(await seen(await handler(wakeRequest(URL_OF_WAKE, "", { at: clock.now() })))).toEqual(nothing);
    vi.stubEnv("WORKFLOW_WAKE_SECRET", WAKE_SECRET);
    expect(await seen(await handler(new Request(URL_OF_WAKE)))).toEqual(nothing);
  });

  test.for([
    ["short", `whsec_${Buffer.alloc(23, 7).toString("base64")}`],
    ["no base64", "a secret that is a sentence of many words"],
  ])("a secret that is %s is refused, and the log says so without it", async ([, secret = ""]) => {
    const { clock } = await place();
    const lines = operatorLog();
    vi.stubEnv("WORKFLOW_WAKE_SECRET", secret);
    expect(await refusalOf(await handler(wakeRequest(URL_OF_WAKE, "", { at: clock.now() })))).toEqual([
      500,
      "RUNTIME_ERROR",
    ]);
    expect(lines).toEqual([expect.stringContaining("openssl rand -base64 32")]);
    expect(lines[0]).not.toContain(secret);
  });

  test("servers of Node hand requests for it on to the handler, and no others", async () => {
    const { clock } = await place();
    const listener = toNodeListener(handler);
    const server = createServer((request, response) => {
      listener(request, response, () => response.writeHead(418).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = new URL(URL_OF_WAKE).pathname;
    const { headers } = wakeRequest(URL_OF_WAKE, "", { at: clock.now() - 3600 * SECOND });
    const answers = [`${root}${path}?a=1`, `${root}${path}/more`, `${root}/orders?next=${path}`].map(
      async (url) => (await fetch(url, { method: "POST", headers })).status,
    );
    operatorLog();
    expect(await Promise.all(answers)).toEqual([401, 418, 418]);
    await new Promise((resolve) => server.close(resolve));
  });
});

async function seen(response: Response): Promise<unknown> {
  return [response.status, response.statusText, [...response.headers], await response.text()];
}
