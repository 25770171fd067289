// Processes that are killed and stopped within transactional steps, and the examples of docs/postgres-transactions.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { describe, expect, type TestContext, test, vi } from "vitest";
import { type Child, startNode } from "./support/child.ts";
import { freshSchema } from "./support/postgres/fresh-schema.ts";

const FOLDER = join(import.meta.dirname, "fixtures/transactions");
const PAGE = join(import.meta.dirname, "../docs/postgres-transactions.md");

interface Place {
  readonly own: Client;
  process(script: string, ...args: string[]): Child;
  worker(...args: string[]): Promise<Child>;
  free(sku: string): Promise<number>;
}

/** Tables and runs in one schema. Real processes and time: what is tested is what happens to processes. */
async function openPlace({ onTestFinished }: TestContext): Promise<Place> {
  const fresh = await freshSchema();
  onTestFinished(() => fresh[Symbol.asyncDispose]());
  const { schema } = fresh;
  const url = new URL(fresh.url);
  url.searchParams.set("options", `-csearch_path=${schema}`);
  const own = new Client({ connectionString: url.href });
  await own.connect();
  onTestFinished(() => own.end());
  await own.query(`CREATE SCHEMA ${schema}`);
  await own.query("CREATE TABLE stock (sku text PRIMARY KEY, free integer NOT NULL)");
  await own.query("CREATE TABLE orders (id text PRIMARY KEY, sku text NOT NULL, cents integer)");
  await own.query("INSERT INTO stock VALUES ('tea', 5), ('counted', 0)");
  const env = {
    WORKFLOW_TARGET_WORLD: "@workflow/world-postgres",
    WORKFLOW_POSTGRES_URL: url.href,
    WORKFLOW_POSTGRES_SCHEMA: schema,
  };
  const begin = (script: string, ...args: string[]): Child => {
    const child = startNode(["--import", "workflow/register", script, ...args], { cwd: FOLDER, env });
    onTestFinished(async () => void (await child.kill("SIGKILL")));
    return child;
  };
  return {
    own,
    process: begin,
    async worker(...args) {
      const child = begin("worker.ts", ...args);
      await child.line(/^worker joined$/);
      return child;
    },
    free: async (sku) =>
      (await own.query<{ free: number }>("SELECT free FROM stock WHERE sku = $1", [sku])).rows[0]?.free ?? -1,
  };
}

interface RunRow {
  readonly status: string;
  readonly started: number;
  readonly completed: number;
}

async function runIn(own: Client): Promise<RunRow | undefined> {
  const { rows } = await own.query<RunRow>(
    `SELECT r.status, count(*) FILTER (WHERE e.type = 'step_started')::integer AS started,
      count(*) FILTER (WHERE e.type = 'step_completed')::integer AS completed
    FROM runs r JOIN events e ON e.run = r.id GROUP BY r.status`,
  );
  return rows[0];
}

async function ended(own: Client): Promise<void> {
  await vi.waitFor(async () => expect(await runIn(own)).toMatchObject({ status: "completed" }), { timeout: 30_000 });
}

/** Has whoever changes the counter wait, at its statement or at its commit, until `release`. */
async function hold(
  own: Client,
  at: "statement" | "commit",
): Promise<{ reached(): Promise<void>; release(): Promise<void> }> {
  await own.query("BEGIN");
  await own.query(
    at === "statement" ? "SELECT FROM stock WHERE sku = 'counted' FOR UPDATE" : "SELECT pg_advisory_xact_lock(4711)",
  );
  return {
    async reached() {
      const find = `SELECT FROM pg_locks l WHERE NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid))`;
      while ((await own.query(find)).rowCount === 0);
    },
    release: async () => void (await own.query("COMMIT")),
  };
}

/** Commits that changed the counter wait for who has the lock. */
const TRIGGER = `
  CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON stock DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait()`;

describe.concurrent("transactions", { timeout: 90_000 }, () => {
  test("what steps count is what completed, whoever is killed within them", async (context) => {
    const { own, worker, free } = await openPlace(context);
    await own.query(TRIGGER);
    let current = await worker("12");
    let kills = 0;
    for (const at of ["statement", "commit", "commit", "statement"] as const) {
      const held = await hold(own, at);
      await held.reached();
      await current.kill("SIGKILL");
      kills += 1;
      // What the server was asked to commit is committed, although nobody is there to hear it.
      await held.release();
      current = await worker();
    }
    await ended(own);
    const run = await runIn(own);
    expect([await free("counted"), run?.completed]).toEqual([12, 12]);
    expect(run?.started).toBe(12 + kills / 2);
  });

  test("a worker that is stopped past its lease adds nothing when it goes on", async (context) => {
    const { own, worker, free } = await openPlace(context);
    const held = await hold(own, "statement");
    const first = await worker("3");
    await held.reached();
    process.kill(first.pid, "SIGSTOP");
    const second = await worker();
    await second.line(/^body 1 begins/, 30_000);
    process.kill(first.pid, "SIGCONT");
    await held.release();
    await ended(own);
    expect([await free("counted"), (await runIn(own))?.completed]).toEqual([3, 3]);
  });

  test("the examples of the page work", async (context) => {
    const { own, process: begin, free } = await openPlace(context);
    const [, results = ""] = await begin("shopping.ts").line(/^done (.*)$/, 60_000);
    expect(JSON.parse(results)).toEqual(["23505", "paid 450", 5, 6]);
    expect(await free("tea")).toBe(6);
    expect((await own.query("SELECT FROM orders")).rowCount).toBe(0);
  });
});

test("the page shows what is tested", () => {
  const blocks = [...readFileSync(PAGE, "utf8").matchAll(/^```ts\n(\/\/ (\S+)\n[^]*?)^```$/gm)];
  const shown = Object.fromEntries(blocks.map(([, text, name]) => [name, text]));
  const files = readdirSync(FOLDER).filter((name) => shown[name] !== undefined);
  expect(Object.keys(shown).toSorted()).toEqual(files.toSorted());
  expect(files).toContain("drizzle-steps.ts");
  for (const name of files) expect(shown[name]).toBe(readFileSync(join(FOLDER, name), "utf8"));
});
