// Route handlers, a server action and a callback handler: the places that hooks are resumed from.
// Type-checked with the DOM's types, as frameworks have them (routes/tsconfig.json).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { start } from "workflow/api";
import { confirmBooking } from "./routes/actions.ts";
import { POST as callback } from "./routes/callback.ts";
import { POST as invite } from "./routes/invite.ts";
import { mistakes, POST as review } from "./routes/review.ts";
import { startNode } from "./support/child.ts";
import { deploy, realmCode, workflow } from "./support/engine.ts";
import { describeEngine, untilEvent } from "./support/scenario.ts";

const post = (body: unknown, url = "http://localhost/"): Request =>
  new Request(url, { method: "POST", body: JSON.stringify(body) });

describeEngine("routes", ({ openWorld, startEngine }) => {
  test.each([
    ["a route handler", () => invite(post({ token: "t", answer: { come: true } })), { come: true }],
    [
      "a typed route handler",
      () => review(post({ token: "t", accepted: true, note: "fine" })),
      { accepted: true, note: "fine" },
    ],
    ["a server action", () => confirmBooking("t", true), { confirmed: true }],
    ["a callback handler", () => callback(post({ paid: 7 }, "http://localhost/?token=t")), { paid: 7 }],
  ])("%s resumes the run that waits, and only that", async (_what, resume, payload) => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t" }));`));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "hook_created");
    const answer = await resume();
    expect(answer instanceof Response ? (await answer.json()).runId : answer).toBe(run.runId);
    expect(await run.returnValue).toEqual(payload);
  });

  test("where nobody waits each says so, and nothing is written", async () => {
    const world = await openWorld();
    await startEngine({ world });
    expect((await invite(post({ token: "nobody", answer: 1 }))).status).toBe(404);
    expect((await review(post({ token: "nobody", accepted: true, note: "" }))).status).toBe(404);
    expect((await callback(post({}, "http://localhost/?token=nobody"))).status).toBe(404);
    expect((await callback(post({}))).status).toBe(400);
    for (const mistake of mistakes) await expect(mistake("nobody")).rejects.toThrow("HOOK_NOT_FOUND");
    await expect(confirmBooking("nobody", true)).rejects.toThrow("not waiting");
    expect((await world.runs.list()).data).toEqual([]);
  });
});

test("in an application that is started with register, each does the same", { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), "routes-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const args = ["--import", "workflow/register", "tests/routes/app.ts"];
  const cwd = join(import.meta.dirname, "..");
  await using child = startNode(args, { cwd, env: { WORKFLOW_LOCAL_DATA_DIR: data } });
  await child.exit;
  expect(child.stderr).toBe("");
  const asked = JSON.parse(child.stdout) as { runId: string; unknown: unknown; known: unknown; got: unknown }[];
  const ok = (runId: unknown): unknown => [200, expect.stringContaining(`"runId":"${String(runId)}"`)];
  const missing = [404, expect.any(String)];
  const [invited, reviewed, acted, called] = asked;
  expect(invited).toMatchObject({ unknown: missing, known: ok(invited?.runId), got: { come: true } });
  expect(reviewed).toMatchObject({
    unknown: missing,
    known: ok(reviewed?.runId),
    got: { accepted: true, note: "fine" },
  });
  expect(acted).toMatchObject({
    unknown: expect.stringContaining("not waiting"),
    known: acted?.runId,
    got: { confirmed: true },
  });
  expect(called).toMatchObject({ unknown: missing, known: ok(called?.runId), got: { paid: 7 } });
  expect(asked).toHaveLength(4);
});
