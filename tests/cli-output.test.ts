import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { columnsOf, createPlace, holdPayloads, type Place, PROGRAM, type Said, storeRuns } from "./support/cli.ts";

test("a run that was put aside says why", async () => {
  const { data, printed, json } = createPlace();
  const problem = { code: "REPLAY_DIVERGED", message: "It went another way (REPLAY_DIVERGED)" };
  const [runId = ""] = await storeRuns(data, [{ problem }]);
  expect(columnsOf((await printed("inspect", "runs")).split("\n")[1]).at(-1)).toBe("REPLAY_DIVERGED");
  expect(await printed("inspect", "run", runId)).toMatch(/^problem +It went another way \(REPLAY_DIVERGED\)$/m);
  expect(await json("inspect", "run", runId)).toMatchObject({ problem: { code: "REPLAY_DIVERGED" } });
});

test("a payload that cannot be read hides nothing else, and stored text does not steer the terminal", async () => {
  const { data, printed, json } = createPlace();
  const problem = { code: "RUNTIME_ERROR", message: "red \u001b[31m\u009b31m" };
  const [runId = ""] = await storeRuns(data, [{ problem, input: "nope[1]" }]);
  const run = await printed("inspect", "run", runId, "-d");
  expect(run).toMatch(/^input +\(cannot be read: A stored value has the format "nope"/m);
  expect(run).toMatch(/^problem +red \\u001b\[31m\\u009b31m \(RUNTIME_ERROR\)$/m);
  expect(await json("inspect", "run", runId, "-d")).toMatchObject({ input: expect.stringMatching("cannot be read") });
});

test("runs are found by their attributes, and a run shows them [10-10.1]", { timeout: 60_000 }, async () => {
  const { data, json, printed, workflow } = createPlace();
  const [first = "", second = ""] = await storeRuns(data, [
    { attributes: { plan: "pro", region: "eu=1" } },
    { attributes: { plan: "pro", region: "us" } },
    { attributes: { plan: "free" } },
  ]);
  const found = async (...args: string[]): Promise<string[]> => {
    const page: { data: { runId: string }[] } = await json("inspect", "runs", ...args);
    return page.data.map(({ runId }) => runId);
  };
  expect(await found("--attribute", "plan=pro")).toEqual([second, first]);
  expect(await found("-a", "plan=pro", "--attribute=region=eu=1")).toEqual([first]);
  expect(await found("-a", "plan=")).toEqual([]);
  expect(await printed("inspect", "run", first)).toMatch(/^attributes +plan=pro\n +region=eu=1$/m);
  const nine = Array.from({ length: 9 }, (_, n) => ["-a", `k${n}=v`]).flat();
  for (const args of [["-a", "plan"], ["-a", "=pro"], nine]) {
    const said = await workflow(["inspect", "runs", ...args]);
    expect(said).toMatchObject({ code: 2, stdout: "" });
    expect(said.stderr).toContain("--attribute is");
  }
});

test(
  "data that went with the end of its run is shown as expired [10-10.1] [07-7.12]",
  { timeout: 60_000 },
  async () => {
    const { data, json, printed } = createPlace();
    const [runId = ""] = await storeRuns(data, [{ attributes: { $retention: "0" }, output: "devl[1]" }]);
    expect(await printed("inspect", "run", runId)).not.toContain("<data expired>");
    const run = await printed("inspect", "run", runId, "-d");
    expect(run).toMatch(/^input +<data expired>\noutput +<data expired>$/m);
    expect(run).toMatch(/^ {4}input +<data expired>\n {4}output +<data expired>$/m);
    expect(run).toMatch(/^data until +\d{4}-/m);
    expect(await printed("inspect", "runs", "-d")).toMatch(/^ {4}output +<data expired>$/m);
    const events = await printed("inspect", "events", runId, "-d", "--sort", "asc");
    expect(events).toMatch(/run_created .*\n {4}input +<data expired>\n2 .* run_started\n3 /);
    expect(events).toMatch(/step_completed +step_1\n {4}result +<data expired>\n/);
    expect(await json("inspect", "run", runId, "-d")).toMatchObject({ output: "<data expired>" });
  },
);

describe("what is held", { timeout: 60_000 }, () => {
  const KEPT = { token: "cart:7", value: { items: new Set(["tea"]) }, holdMs: 70 * 60_000, idempotencyKey: "evt_1" };
  const LATE = { token: "cart:8", value: "late", holdMs: 30 * 60_000 };

  async function placeWithHeld(): Promise<Place> {
    const place = createPlace();
    await storeRuns(place.data, []);
    await holdPayloads(place.data, [KEPT, LATE]);
    return place;
  }

  test("is listed with what was dropped, the newest first", async () => {
    const { printed } = await placeWithHeld();
    const [head, ...lines] = (await printed("inspect", "held")).trimEnd().split("\n");
    expect(columnsOf(head)).toEqual(["TOKEN", "STATUS", "RECEIVED", "HELD UNTIL", "SIZE", "KEY"]);
    const size = expect.stringMatching(/^\d+$/);
    expect(lines.map(columnsOf)).toEqual([
      ["cart:8", "dropped", "1h ago", "30m ago", size],
      ["cart:7", "held", "1h ago", "in 10m", size, "evt_1"],
    ]);
  });

  test("is narrowed to a token, and shows payloads where they are asked for", async () => {
    const { json, printed } = await placeWithHeld();
    const one = await printed("inspect", "held", "--token", "cart:7");
    expect(one).toContain("cart:7");
    expect(one).not.toContain("cart:8");
    expect(one).not.toContain("payload");
    expect(await printed("inspect", "held", "-t", "cart:7", "-d")).toMatch(
      /^ {4}payload +{ items: Set\(1\) { 'tea' } }$/m,
    );
    expect(await printed("inspect", "held", "-t", "cart:9\n")).toBe("No held payloads for cart:9\\n\n");

    const { data, hasMore } = await json("inspect", "held", "--sort", "asc");
    expect(hasMore).toBe(false);
    expect(data).toMatchObject([
      { heldId: expect.stringMatching(/^held_/), token: "cart:7", status: "held", idempotencyKey: "evt_1" },
      { token: "cart:8", status: "dropped" },
    ]);
    expect(data[0]).not.toHaveProperty("payload");
    expect((await json("inspect", "held", "-t", "cart:8", "-d")).data).toMatchObject([{ payload: "late" }]);
  });

  test("goes on where a page ended", async () => {
    const { json, workflow } = await placeWithHeld();
    const first = await workflow(["inspect", "held", "--limit", "1"]);
    expect(first.stdout).toContain("cart:8");
    const [, cursor = ""] = /--cursor (\S+)/.exec(first.stderr) ?? [];
    expect((await json("inspect", "held", "--limit", "1", "--cursor", cursor)).data).toMatchObject([
      { token: "cart:7" },
    ]);
  });

  test("may be nothing", async () => {
    const { data, printed } = createPlace();
    await storeRuns(data, []);
    expect(await printed("inspect", "held")).toBe("No held payloads\n");
  });
});

describe("resume", { timeout: 60_000 }, () => {
  test("--hold keeps a payload that comes too early, --key sends it once", async () => {
    const { data, json, printed, workflow } = createPlace();
    await storeRuns(data, []);
    const args = ["resume", "cart:7", "1", "--hold", "10m", "--key", "evt_1"];
    expect(await printed(...args)).toMatch(/^held until \d{4}-\d\d-\d\dT[\d:.]+Z \(in 10m\)\n$/);
    const again = await workflow(args);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^held until /) });
    expect(again.stderr).toMatch(/^The key was used before/);
    expect((await json("inspect", "held", "-d")).data).toMatchObject([
      { token: "cart:7", idempotencyKey: "evt_1", payload: 1 },
    ]);
    expect(await workflow(["resume", "cart:7", "1", "--hold", "soon"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("soon"),
    });
  });
});

describe("a list of runs", () => {
  const workflowName = `workflow//./${"long/".repeat(20)}file//work`;

  async function placeWithRuns(count: number): Promise<Place> {
    const place = createPlace();
    await storeRuns(
      place.data,
      Array.from({ length: count }, () => ({ workflowName })),
    );
    return place;
  }

  test("is whole, and without colours, in a pipe or a file", async () => {
    const { printed } = await placeWithRuns(100);
    const list = await printed("inspect", "runs", "--limit", "100");
    expect(list.split("\n")).toHaveLength(102);
    expect(list.split("\n")[1]).toMatch(new RegExp(`${workflowName}$`));
    expect(list).not.toContain("\u001b");
  });

  test("fits a screen, with colours unless NO_COLOR says otherwise", async () => {
    const { workflow } = await placeWithRuns(1);
    const env = { COLUMNS: "80", TERM: "xterm-256color" };
    const screen = (more: object): Promise<Said> =>
      workflow(["inspect", "runs"], { first: "screen.mjs", env: { ...env, ...more } });
    const coloured = await screen({});
    expect(coloured.stdout).toContain("\u001b[33mpending\u001b[39m");
    const plain = await screen({ NO_COLOR: "1" });
    expect(plain.stdout).not.toContain("\u001b");
    const [, line = ""] = plain.stdout.split("\n");
    expect(line).toHaveLength(80);
    expect(line).toMatch(/…\S+file\/\/work$/);
  });

  test("may be of no interest any more to whoever reads it", async () => {
    const { data } = await placeWithRuns(21);
    const env = { ...process.env, WORKFLOW_LOCAL_DATA_DIR: data };
    const child = spawn(process.execPath, [PROGRAM, "inspect", "runs"], { env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(stderr).toMatch(/^There is more: add --cursor \S+\n$/);
  });
});
