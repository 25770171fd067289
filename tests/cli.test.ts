import { describe, expect, test } from "vitest";
import { columnsOf, createPlace, SURVEY } from "./support/cli.ts";

/** A dozen processes one after another, on a machine that may be busy. */
const PATIENT = { timeout: 60_000 };

describe("beside an app that runs", PATIENT, () => {
  test("inspect shows runs, hooks and events; resume ends a run", async () => {
    const { printed, startApp } = createPlace();
    await using app = await startApp("tea");
    const [runId = ""] = app.runIds;

    const runs = (await printed("inspect", "runs")).split("\n");
    expect(columnsOf(runs[0])).toEqual(["RUN ID", "STATUS", "CREATED", "WORKFLOW"]);
    expect(columnsOf(runs[1])).toEqual([runId, "running", expect.stringMatching(/^\d+m?s ago$/), SURVEY]);

    const run = await printed("inspect", "run", runId);
    expect(run).toMatch(new RegExp(`^workflow +${SURVEY}$`, "m"));
    expect(run).toMatch(/^started +\d{4}-\d\d-\d\dT[\d:.]+Z \(\d+m?s ago\)$/m);
    expect(run).toMatch(/^step_\w+ +completed +1 .* step\/\/\.\/survey\/\/prepare$/m);
    expect(run).toMatch(/^hook_\w+ .* survey:tea$/m);
    expect(run).toMatch(/^wait_\w+ .*Z \(in (24h|1d)\)$/m);
    expect(run).not.toContain("input");
    expect(await printed("inspect", "runs", runId)).toContain("survey:tea");

    expect(columnsOf((await printed("inspect", "hooks")).split("\n")[1]).slice(0, 2)).toEqual(["survey:tea", runId]);
    expect(await printed("inspect", "hook", "survey:tea")).not.toContain("metadata");
    expect(await printed("inspect", "hooks", "survey:tea", "-d")).toMatch(/^metadata +{ topic: 'tea', questions: Map/m);

    const payload = JSON.stringify({ text: "green" });
    const key = ["--key", "reply-1"];
    expect(await printed("resume", "survey:tea", payload, ...key)).toBe(`${runId}\n`);
    await app.line(/^ended tea well$/);
    const ended = await printed("inspect", "run", runId, "--withData");
    expect(ended).toMatch(/^status +completed$/m);
    expect(ended).toMatch(/^input +\[ 'tea' \]$/m);
    expect(ended).toMatch(/^output +{ topic: 'tea', text: 'green' }$/m);
    expect(ended).toMatch(/^ {4}output +Map\(1\) { 'tea' => 3n }$/m);
    expect(ended).not.toContain("hook_");

    const events = await printed("inspect", "events", runId, "--sort", "asc", "--withData");
    expect(events).toMatch(/^1 .*run_created +workflowName=workflow.* codeHash=\w{64}\n {4}input +\[ 'tea' \]\n2 /m);
    expect(events).toMatch(/hook_received +hook_\w+ +idempotencyKey=reply-1\n {4}payload +{ text: 'green' }\n/);
    expect(events).toMatch(/run_completed\n {4}output .*\n$/);
    expect(app.stderr).toBe("");
  });

  test("--json gives one document, with payloads where they are asked for", async () => {
    const { json, startApp } = createPlace();
    await using app = await startApp("tea", "cats");
    const [tea = "", cats = ""] = app.runIds;

    const runs = await json("inspect", "runs");
    expect(runs).toMatchObject({ data: [{ runId: cats }, { runId: tea }], hasMore: false });
    expect(runs.data[0]).not.toHaveProperty("input");
    expect((await json("inspect", "runs", "-d")).data[0]).toMatchObject({ status: "running", input: ["cats"] });

    const run = await json("inspect", "run", tea, "-d");
    expect(run).toMatchObject({
      runId: tea,
      workflowName: SURVEY,
      steps: [
        { stepName: "step//./survey//prepare", status: "completed", output: "Map(1) { 'tea' => 3n }" },
        { stepName: "step//./survey//announce" },
      ],
      hooks: [{ token: "survey:tea", metadata: { topic: "tea", questions: "Map(1) { 'tea' => 3n }" } }],
      waits: [{ resumeAt: expect.stringMatching(/Z$/) }],
      hasMore: { steps: false, hooks: false },
    });
    expect(await json("inspect", "run", tea, "--limit", "1")).toMatchObject({
      steps: [{ stepName: "step//./survey//announce" }],
      hasMore: { steps: true, hooks: false },
    });

    const { hookId } = run.hooks[0];
    expect(await json("inspect", "hook", hookId)).toMatchObject({ token: "survey:tea", runId: tea });
    expect(await json("inspect", "hook", hookId)).not.toHaveProperty("metadata");
    expect((await json("inspect", "hooks", "-r", cats)).data).toMatchObject([{ token: "survey:cats" }]);
    const events = await json("inspect", "events", "-r", tea, "--withData");
    const ids = events.data.map((event: { eventId: string }) => event.eventId);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect(events.data.at(-1)).toMatchObject({
      eventType: "run_created",
      eventData: { workflowName: SURVEY, input: ["tea"] },
    });
  });

  test("lists are filtered, and go on where a page ended", async () => {
    const { json, printed, startApp, workflow } = createPlace();
    await using app = await startApp("tea", "cats");
    const [tea, cats] = app.runIds;
    const idsOf = (page: { data: { runId: string }[] }): string[] => page.data.map(({ runId }) => runId);

    expect(idsOf(await json("inspect", "runs", "--sort", "asc"))).toEqual([tea, cats]);
    expect(idsOf(await json("inspect", "runs", "--status", "running", "-n", SURVEY))).toEqual([cats, tea]);
    expect(idsOf(await json("inspect", "runs", "--status", "failed"))).toEqual([]);
    expect(await printed("inspect", "runs", "--status", "failed")).toBe("No runs\n");
    expect(await printed("inspect", "runs", "-n", "survey")).toContain(
      "No runs of survey. A workflow is named in full",
    );

    const first = await workflow(["inspect", "runs", "--limit=1"]);
    expect(first.stdout).toContain(cats);
    expect(first.stdout).not.toContain(tea);
    const [, cursor = ""] = /--cursor (\S+)/.exec(first.stderr) ?? [];
    expect(idsOf(await json("inspect", "runs", "--limit=1", "--cursor", cursor))).toEqual([tea]);
  });

  test("cancel ends a run, with a reason [07-7.4.outside] [03-3.5.shown] [02-2.3.cancel-reason]", async () => {
    const { printed, startApp, workflow } = createPlace();
    await using app = await startApp("tea", "cats");
    const [tea = "", cats = ""] = app.runIds;
    expect(await printed("cancel", tea, "--reason", "out of\ntea")).toBe(`${tea} is cancelled\n`);
    await app.line(/^ended tea badly$/);
    expect(columnsOf((await printed("inspect", "runs")).split("\n")[2])).toEqual(
      expect.arrayContaining(["out of\\ntea"]),
    );
    expect(await printed("cancel", tea)).toBe(`${tea} is cancelled\n`);

    // What the workflow cannot use makes it fail: from standard input this time.
    const resumed = await workflow(["resume", "survey:cats", "-"], { input: '{ "text": "nonsense" }\n' });
    expect(resumed).toEqual({ code: 0, stdout: `${cats}\n`, stderr: "" });
    await app.line(/^ended cats badly$/);
    expect(await printed("inspect", "run", cats)).toMatch(/^failure +USER_ERROR \(--withData shows the error\)$/m);
    expect(await printed("inspect", "run", cats, "-d")).toMatch(/^error +TypeError: What is nonsense\?\n +at survey/m);
    expect(await workflow(["cancel", cats])).toEqual({
      code: 1,
      stdout: "",
      stderr: `Run ${cats} cannot be cancelled: it is failed (ENTITY_CONFLICT)\n`,
    });
  });
});

describe("when no app runs", PATIENT, () => {
  test("what is resumed and cancelled is stored for the worker that comes, and none is started here", async () => {
    const { json, printed, startApp } = createPlace();
    const runIds: string[] = [];
    {
      await using app = await startApp("tea", "cats");
      runIds.push(...app.runIds);
      await app.kill("SIGKILL");
    }
    const [tea = "", cats = ""] = runIds;
    expect(await printed("resume", "survey:tea", '{"text":"black"}')).toBe(`${tea}\n`);
    expect(await printed("cancel", cats)).toMatch(new RegExp(`^${cats} is still running. Its cancellation is stored`));
    expect(await json("inspect", "run", tea)).toMatchObject({ status: "running" });

    await using app = await startApp();
    await app.line(/^ready$/);
    await expect
      .poll(() => json("inspect", "run", tea, "-d"), { timeout: 10_000 })
      .toMatchObject({
        status: "completed",
        output: { topic: "tea", text: "black" },
      });
    expect(await json("inspect", "run", cats)).toMatchObject({ status: "cancelled" });
  });
});
