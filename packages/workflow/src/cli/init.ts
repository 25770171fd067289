import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export const init: Command = {
  usage: [
    ["init", "makes the app in this folder durable: its config, a first workflow and a route; shows them, and asks"],
  ],
  flags: ["framework", "yes", "help"],
  async run({ positionals, flags }, terminal) {
    if (positionals.length > 0) {
      throw new UsageError(
        `init takes no arguments, but got ${positionals.join(" ")}. Run it in the folder of the app`,
      );
    }
    const { initialize } = await import("./init/initialize.ts");
    if (!(await initialize(process.cwd(), flags, terminal))) process.exitCode = 1;
  },
};
