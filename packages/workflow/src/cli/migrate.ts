import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export const migrate: Command = {
  usage: [["migrate", "creates or updates the tables of the World, ahead of a deployment"]],
  flags: ["help"],
  async run({ positionals }, terminal) {
    if (positionals.length > 0) {
      throw new UsageError(
        `migrate takes no arguments, but got ${positionals.join(" ")}. The environment says where the data is`,
      );
    }
    const { isEmbeddedWorld, loadWorldModule } = await import("../api/world-module.ts");
    if (isEmbeddedWorld()) {
      return terminal.print("Nothing to do: the embedded World brings its data up to date when it is opened");
    }
    const { target, migrate: bringUpToDate } = await loadWorldModule();
    if (bringUpToDate === undefined) {
      return terminal.print(`Nothing to do: ${target} brings its data up to date when it is opened`);
    }
    terminal.print(describe(await bringUpToDate()));
  },
};

function describe(done: unknown): string {
  if (!isMigration(done)) return "The data is up to date";
  const { schema, from, to } = done;
  if (from === to) return `The schema ${schema} is up to date, at version ${to}`;
  return from === 0
    ? `Created the schema ${schema}, at version ${to}`
    : `Brought the schema ${schema} from version ${from} to ${to}`;
}

/** What the World of PostgreSQL answers; the module of another may say nothing. */
interface Migration {
  readonly schema: string;
  readonly from: number;
  readonly to: number;
}

function isMigration(value: unknown): value is Migration {
  return typeof value === "object" && value !== null && "schema" in value && "from" in value && "to" in value;
}
