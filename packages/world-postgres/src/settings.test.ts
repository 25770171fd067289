import { Pool } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openPool } from "./database/pool.ts";
import { readSettings } from "./settings.ts";

const URL = "postgres://somebody:s3cret@db.example:5433/app";

test("what is not given comes from the environment, and what is given comes first", () => {
  const env = {
    DATABASE_URL: "postgres://second",
    WORKFLOW_POSTGRES_URL: URL,
    WORKFLOW_POSTGRES_LISTEN_URL: "postgres://direct",
    WORKFLOW_POSTGRES_SCHEMA: "shop",
    WORKFLOW_POSTGRES_MIGRATE: "off",
  };
  expect(readSettings({}, env)).toMatchObject({
    schema: "shop",
    migrate: false,
    pool: { connectionString: URL },
    listener: { way: "direct", connecting: { connectionString: "postgres://direct" } },
  });
  expect(readSettings({}, { DATABASE_URL: URL })).toMatchObject({
    schema: "workflow",
    migrate: true,
    pool: { connectionString: URL },
    listener: { way: "same", connecting: { connectionString: URL } },
  });
  const given = { connectionString: "postgres://given", schema: "own", listenerConnectionString: "off", migrate: true };
  expect(readSettings(given, env)).toMatchObject({
    schema: "own",
    migrate: true,
    pool: { connectionString: "postgres://given" },
    listener: { way: "off", connecting: { connectionString: "postgres://given" } },
  });
});

test("without a URL the settings to make are named", () => {
  expect(() => readSettings({}, {})).toThrow(/Set WORKFLOW_POSTGRES_URL to postgres:.*\(WORLD_FAILED\)/);
});

test.each(["", "Shop", "1st", "a-b", 'a"b', "a b", "a".repeat(64), "\u{e9}t\u{e9}"])(
  "the schema %j is refused",
  (schema) => {
    expect(() => readSettings({ connectionString: URL, schema }, {})).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", field: "schema" }),
    );
  },
);

test.each(["w", "_", "shop_2", "a".repeat(63)])("the schema %j is taken", (schema) => {
  expect(readSettings({ connectionString: URL, schema }, {}).schema).toBe(schema);
});

test.each([
  ["maxConnections", 0],
  ["statementTimeoutMs", 1.5],
  ["lockTimeoutMs", -1],
])("%s cannot be %d", (field, value) => {
  expect(() => readSettings({ connectionString: URL, [field]: value }, {})).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", field }),
  );
});

test("a malformed connection string is refused without repeating it", () => {
  const { pool } = readSettings({ connectionString: "postgres://somebody:s3cret@db.example:port/app" }, {});
  const open = (): unknown => openPool(pool);
  expect(open).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", field: "connectionString" }));
  expect(open).not.toThrow("s3cret");
});

test("the thread that listens connects as the caller's pool does, with what the driver hides", () => {
  const pool = new Pool({
    host: "db",
    port: 5433,
    user: "somebody",
    password: "s3cret",
    database: "app",
    ssl: { key: "k" },
  });
  onTestFinished(() => pool.end());
  expect(readSettings({ pool }, {}).listener).toEqual({
    way: "same",
    connecting: expect.objectContaining({ host: "db", password: "s3cret", ssl: { key: "k" } }),
  });
});

test("a password that is a function needs another way to listen", () => {
  const pool = new Pool({ host: "db", password: () => "s3cret" });
  onTestFinished(() => pool.end());
  expect(() => readSettings({ pool }, {})).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", field: "listenerConnectionString" }),
  );
  expect(readSettings({ pool, listenerConnectionString: URL }, {}).listener.way).toBe("direct");
});
