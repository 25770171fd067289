import { expect, onTestFinished, test } from "vitest";
import { newWorkerId } from "workflow/world";
import { sqlFor } from "./database/sql.ts";
import { gateTo } from "./fixtures/gate.ts";
import { freshSchema, poolFor, SERVER } from "./fixtures/server.ts";
import { createWorld } from "./world.ts";

test("a process whose locks are lost shows at once, by another way, that it lives", async () => {
  const schema = await freshSchema();
  const gate = await gateTo(SERVER);
  const world = await createWorld({ connectionString: SERVER, listenerConnectionString: gate.url, schema });
  onTestFinished(() => world.close());
  await world.join(newWorkerId());
  const look = sqlFor(schema)("test beats", "SELECT beats FROM {schema}.workers");
  const beats = async (): Promise<number> => {
    const [row] = await poolFor().query<{ readonly beats: number }>(look, []);
    return row?.beats ?? 0;
  };
  const before = await beats();
  await gate.shut();
  // Sooner than the next renewal, and the thread that beats cannot: its way is shut.
  await expect.poll(beats, { timeout: 1_000 }).toBeGreaterThan(before);
});
