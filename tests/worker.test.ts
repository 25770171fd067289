import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { PROGRAM } from "./support/cli.ts";
import { type Child, startNode } from "./support/child.ts";
import { worldEnvironment } from "./support/postgres/world-environment.ts";

const FOLDER = join(import.meta.dirname, "fixtures/worker");

/** Several processes on one World. Real time: what is tested is what happens to processes. */
interface Place {
  worker(...args: string[]): Child;
  /** One that has said that it works. */
  working(...args: string[]): Promise<Child>;
  client(...runs: string[]): Child;
  workflow(...args: string[]): Promise<string>;
  openGate(): void;
  /** What steps have noted: by which process, and what. */
  evidence(): readonly { readonly pid: number; readonly what: string }[];
}

async function place(env: Readonly<Record<string, string>>): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "worker-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "evidence");
  const gate = join(folder, "gate");
  const begin = (args: readonly string[], own: Readonly<Record<string, string>> = {}): Child => {
    const all = { WORKFLOW_LOCAL_DATA_DIR: join(folder, "data"), EVIDENCE: file, GATE: gate, ...env, ...own };
    const child = startNode(args, { cwd: FOLDER, env: all });
    onTestFinished(async () => void (await child.kill("SIGKILL")));
    return child;
  };
  const worker = (...args: string[]): Child => begin([PROGRAM, "worker", ...args]);
  return {
    worker,
    async working(...args) {
      const child = worker(...args);
      await child.line(/^worker \S+ is at work$/);
      return child;
    },
    client: (...runs) => begin(["--import", "workflow/register", "client.ts", ...runs], { WORKFLOW_WORKER: "off" }),
    async workflow(...args) {
      const child = begin([PROGRAM, ...args]);
      expect(await child.exit).toEqual({ code: 0, signal: null });
      return child.stdout;
    },
    openGate: () => writeFileSync(gate, ""),
    evidence: () =>
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => ({ pid: Number.parseInt(line, 10), what: line.slice(line.indexOf(" ") + 1) })),
  };
}

const WORLDS = [
  { name: "the embedded World", open: async () => ({}) },
  { name: "PostgreSQL", open: worldEnvironment },
];

describe.each(WORLDS)("a worker as a process of its own on $name", { timeout: 60_000 }, ({ open }) => {
  test("SIGTERM lets steps finish, and others go on at once: no step runs twice", async () => {
    const { working, client, workflow, openGate, evidence } = await place(await open());
    const first = await working("workflows.ts", "echo.ts");
    const names = ["one", "two", "three"];
    const runs = client(...names.map((name) => `chain:${name}`), "parked:later");
    for (const name of names) await first.line(new RegExp(`^${name} 2$`));
    await runs.line(/^started later /);
    const second = await working();

    const exit = first.kill("SIGTERM");
    await expect.poll(() => first.stderr).toMatch(/^SIGTERM: .*\n$/);
    openGate();
    const opened = performance.now();
    expect(await exit).toEqual({ code: 0, signal: null });
    for (const name of names) await second.line(new RegExp(`^${name} 3$`));
    // Far below what it takes to notice that a worker is silent.
    expect(performance.now() - opened).toBeLessThan(5_000);
    expect(first.stdout).toMatch(/^worker \S+ has handed over$/m);

    await workflow("resume", "later", '"go"');
    await runs.line(/^ended later: go$/);
    for (const name of names) await runs.line(new RegExp(`^ended ${name}: ${name} is whole$`));
    const done = evidence();
    const by = ({ pid }: Child): string[] => done.filter((step) => step.pid === pid).map(({ what }) => what);
    const links = (from: number, to: number): string[] =>
      names.flatMap((name) => Array.from({ length: to - from }, (_, index) => `${name} ${from + index}`));
    expect(by(first).toSorted()).toEqual(links(0, 3).toSorted());
    expect(by(second).toSorted()).toEqual([...links(3, 10), "later 0"].toSorted());
    expect(await second.kill("SIGINT")).toEqual({ code: 0, signal: null });
  });

  test("a second signal ends it at once; what ran then runs again elsewhere", async () => {
    const { working, client } = await place(await open());
    const first = await working("workflows.ts");
    client("stubborn:mule");
    await first.line(/^mule$/);
    const exit = first.kill("SIGTERM");
    await expect.poll(() => first.stderr).toMatch(/^SIGTERM/);
    void first.kill("SIGINT");
    expect(await exit).toEqual({ code: 130, signal: null });
    expect(first.stdout).not.toContain("handed over");
    const second = await working();
    await second.line(/^mule$/);
  });
});

test("--concurrency says how many steps run at once", { timeout: 60_000 }, async () => {
  const { working, client, workflow } = await place({});
  const worker = await working("--concurrency", "1");
  client("stubborn:first");
  await worker.line(/^first$/);
  const [, runId = ""] = await client("chain:second").line(/^started second (\S+)$/);
  // A step with a place is created and begun in one turn.
  const steps = async (): Promise<unknown> => JSON.parse(await workflow("inspect", "run", runId, "--json")).steps;
  await expect.poll(steps, { timeout: 15_000 }).toMatchObject([{ status: "pending" }]);
  expect(worker.stdout).not.toContain("second");
});

describe("a worker that cannot work ends", { timeout: 60_000 }, () => {
  test("a file that fails", async () => {
    const { worker } = await place({});
    const child = worker("timer.ts", "broken.ts");
    expect(await child.exit).toEqual({ code: 1, signal: null });
    expect(child.stdout).toBe("");
    expect(child.stderr).toMatch(/the settings are missing/);
  });

  test("a process that is an app already", async () => {
    const { worker } = await place({ NODE_OPTIONS: "--import workflow/register" });
    const child = worker("workflows.ts");
    expect(await child.exit).toEqual({ code: 2, signal: null });
    expect(child.stderr).toBe("worker loads workflow/register itself. Leave it out of --import and NODE_OPTIONS\n");
  });

  test("a World that cannot be opened, though a file has opened something", async () => {
    const { worker } = await place({ WORKFLOW_TARGET_WORLD: "@workflow/no-such-world" });
    const child = worker("timer.ts");
    expect(await child.exit).toEqual({ code: 2, signal: null });
    expect(child.stderr).toMatch(/^WORKFLOW_TARGET_WORLD=@workflow\/no-such-world cannot be loaded/);
  });
});
