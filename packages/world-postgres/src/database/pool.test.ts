import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Pool } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { gateTo } from "../fixtures/gate.ts";
import { freshSchema, poolFor, SERVER } from "../fixtures/server.ts";
import { openPool } from "./pool.ts";
import { sqlFor } from "./sql.ts";

const sql = sqlFor("workflow");
const one = sql("test one", "SELECT 1 AS one");
const sleep = sql("test sleep", "SELECT pg_sleep($1)");
const pid = sql("test pid", "SELECT pg_backend_pid() AS pid");
const end = sql("test end", "SELECT pg_terminate_backend($1)");

function message(kind: string, body: string | Buffer): Buffer {
  const content = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(kind, 0);
  head.writeInt32BE(4 + content.length, 1);
  return Buffer.concat([head, content]);
}

/** Speaks as a server does that lets nobody in, or that ends a connection as soon as it has let it in (`first`). */
async function refusing(
  code: string,
  text: string,
  first: Buffer = Buffer.alloc(0),
): Promise<{ url: string; readonly asked: number }> {
  let asked = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      asked++;
      socket.end(Buffer.concat([first, message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`)]));
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `postgres://somebody:s3cret@127.0.0.1:${port}/postgres`,
    get asked() {
      return asked;
    },
  };
}

test("values come as what they are, also from a pool of the caller's, which stays open", async () => {
  const pool = new Pool({ connectionString: SERVER });
  onTestFinished(() => pool.end());
  const typed = sql("test types", "SELECT $1::bigint AS n, $2::bytea AS b, $3::float8 AS f, $4::text[] AS t");
  for (const settings of [{}, { pool }]) {
    const database = poolFor(settings);
    const rows = await database.query(typed, [2 ** 40, new Uint8Array([0, 255]), 1.5, ["a", '"']]);
    expect(rows).toEqual([{ n: 2 ** 40, b: Buffer.from([0, 255]), f: 1.5, t: ["a", '"'] }]);
    await database.close();
  }
  expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("a server that is away is waited for: a restart costs a delay", async () => {
  const gate = await gateTo();
  const pool = new Pool({ connectionString: gate.url });
  onTestFinished(() => pool.end());
  const database = poolFor({ pool });
  await database.query(one, []);
  await gate.shut();
  await expect.poll(() => pool.totalCount).toBe(0);
  const asked = Promise.all([database.query(one, []), database.query(one, [])]);
  const opened = new Promise<void>((resolve) => setTimeout(() => resolve(gate.open()), 300));
  expect(await asked).toEqual([[{ one: 1 }], [{ one: 1 }]]);
  await opened;
});

test("a server that stays away is given up, with where it should be and never with the password", async () => {
  const server = await refusing("57P03", "the database system is starting up");
  const database = poolFor({ connectionString: server.url });
  const failure = await database.query(one, []).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "WORLD_FAILED", cause: { code: "57P03" } });
  expect(String(failure)).toContain(`${new URL(server.url).host}, database postgres, is starting or stopping`);
  expect(JSON.stringify(failure) + String(failure)).not.toContain("s3cret");
  expect(server.asked).toBeGreaterThan(5);
});

test("a connection that ends in the moment in which it is made ends nothing else", async () => {
  const letIn = Buffer.concat([message("R", Buffer.alloc(4)), message("Z", "I")]);
  const server = await refusing("57P01", "terminating connection due to administrator command", letIn);
  const database = poolFor({ connectionString: server.url });
  await expect(database.query(one, [])).rejects.toMatchObject({ code: "WORLD_FAILED" });
  expect(server.asked).toBe(1);
});

test("who is not let in is told at once", async () => {
  const server = await refusing("28P01", 'password authentication failed for user "somebody"');
  const database = poolFor({ connectionString: server.url });
  await expect(database.query(one, [])).rejects.toThrow(/does not let this user in.*password authentication failed/);
  expect(server.asked).toBe(1);
});

test("a statement whose connection breaks fails at once, and the next one gets another", async () => {
  const gate = await gateTo();
  const database = poolFor({ connectionString: gate.url });
  const lost = database.query(sleep, [20]);
  await expect.poll(() => gate.made).toBe(1);
  await expect
    .poll(() =>
      poolFor().query(sql("test asleep", "SELECT 1 FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'"), []),
    )
    .toHaveLength(1);
  gate.cut();
  await expect(lost).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringContaining("may or may not have been applied"),
  });
  expect(await database.query(one, [])).toEqual([{ one: 1 }]);
});

test("connections that break while nobody uses them, or within a transaction, do not end the process", async () => {
  const database = poolFor();
  const other = poolFor();
  const [idle] = await database.query<{ pid: number }>(pid, []);
  await other.query(end, [idle?.pid as number]);
  await expect.poll(async () => (await database.query<{ pid: number }>(pid, []))[0]?.pid).not.toBe(idle?.pid);
  const broken = database.transaction(async (connection) => {
    const [mine] = await connection.query<{ pid: number }>(pid, []);
    await other.query(end, [mine?.pid as number]);
    await expect
      .poll(() =>
        connection.query(one, []).then(
          () => true,
          () => false,
        ),
      )
      .toBe(false);
    return connection.query(one, []);
  });
  await expect(broken).rejects.toMatchObject({ code: "WORLD_FAILED" });
  expect(await database.query(one, [])).toEqual([{ one: 1 }]);
});

test("of two transactions that wait for each other both happen", async () => {
  const schema = await freshSchema();
  const database = poolFor();
  const mine = sqlFor(schema);
  const insert = mine("test insert", "INSERT INTO {schema}.meta VALUES ('a', 0), ('b', 0)");
  const add = mine("test add", "UPDATE {schema}.meta SET value = value + 1 WHERE key = $1");
  await database.query(insert, []);
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  const both = (first: string, second: string): Promise<void> =>
    database.transaction(async (connection) => {
      await connection.query(add, [first]);
      if (++waiting === 2) met.resolve();
      await met.promise;
      await connection.query(add, [second]);
    });
  await Promise.all([both("a", "b"), both("b", "a")]);
  expect(waiting).toBeGreaterThan(2);
  const read = mine("test read", "SELECT value FROM {schema}.meta WHERE key IN ('a', 'b')");
  expect(await database.query(read, [])).toEqual([{ value: 2 }, { value: 2 }]);
});

test("a transaction that a failed statement has ended is not taken for one that was written", async () => {
  const database = poolFor();
  const divide = sql("test divide", "SELECT 1 / $1::int");
  const swallowed = database.transaction((connection) => connection.query(divide, [0]).catch(() => []));
  await expect(swallowed).rejects.toMatchObject({ code: "WORLD_FAILED", message: expect.stringContaining("rolled") });
  await expect(database.transaction(() => Promise.reject(new RangeError("mine")))).rejects.toThrow(RangeError);
  expect(await database.query(one, [])).toEqual([{ one: 1 }]);
});

test("statements and waits for locks have limits", async () => {
  const database = poolFor({ statementTimeoutMs: 150, lockTimeoutMs: 50 });
  await expect(database.query(sleep, [20])).rejects.toMatchObject({
    message: expect.stringContaining("took too long"),
    cause: { code: "57014" },
  });
  const lock = sql("test lock", "SELECT pg_advisory_xact_lock(hashtext($1))");
  const key = `lock ${Math.random()}`;
  await poolFor().transaction(async (holder) => {
    await holder.query(lock, [key]);
    await expect(database.query(lock, [key])).rejects.toMatchObject({
      message: expect.stringContaining("locked by others"),
      cause: { code: "55P03" },
    });
  });
});

test("a connection that is dead without anybody having said so is given up", async () => {
  const gate = await gateTo();
  const database = poolFor({ connectionString: gate.url, statementTimeoutMs: 1 });
  await expect
    .poll(() =>
      database.query(one, []).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  gate.freeze();
  await expect(database.query(one, [])).rejects.toThrow("did not answer in time");
});

test("prepared statements that a pooler loses are said again without their names", async () => {
  const database = poolFor({ maxConnections: 1 });
  const forget = sql("test forget", "DEALLOCATE ALL");
  await database.query(one, []);
  await database.session((client) => client.query(forget.text));
  expect(await database.query(one, [])).toEqual([{ one: 1 }]);
  const names = sql("test names", "SELECT name FROM pg_prepared_statements");
  expect(await database.query(names, [])).toEqual([]);
});

test("names that others have taken on the same connection are done without, also within a transaction", async () => {
  const database = poolFor({ maxConnections: 1 });
  await database.session((client) => client.query(`PREPARE "${one.name}" AS SELECT 2 AS two`));
  let begun = 0;
  const rows = await database.transaction((connection) => {
    begun++;
    return connection.query(one, []);
  });
  expect([rows, begun]).toEqual([[{ one: 1 }], 2]);
});

test("a pooler that takes no settings along is connected to without them", async () => {
  const show = sql("test show", "SHOW statement_timeout");
  expect(await poolFor().query(show, [])).toEqual([{ statement_timeout: "30s" }]);
  const server = await refusing("08P01", "unsupported startup parameter: statement_timeout");
  const real = new URL(SERVER);
  const between = createServer((inner) => {
    inner.on("error", () => {});
    inner.once("data", (startup) => {
      const { port, hostname } = startup.includes("statement_timeout") ? new URL(server.url) : real;
      const outer = connect(Number(port), hostname).on("error", () => {});
      outer.write(startup);
      inner.pipe(outer).pipe(inner);
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void between.close());
  await once(between, "listening");
  const url = new URL(real);
  url.port = String((between.address() as { port: number }).port);
  const database = poolFor({ connectionString: url.href });
  const shown = await Promise.all([database.query(show, []), database.query(show, []), database.query(show, [])]);
  expect(shown.flat()).toEqual(Array.from({ length: 3 }, () => ({ statement_timeout: "0" })));
});

test("a closed pool says so, also to those who wait for a server", async () => {
  const database = openPool({ connectionString: SERVER });
  await database.query(one, []);
  await database.close();
  await database.close();
  await expect(database.query(one, [])).rejects.toMatchObject({ code: "WORLD_CLOSED" });
});
