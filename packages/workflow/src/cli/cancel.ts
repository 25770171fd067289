import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export const cancel: Command = {
  usage: [["cancel <runId>", "ends a run at the next point where its code waits"]],
  flags: ["reason", "help"],
  async run({ positionals: [runId, ...rest], flags: { reason } }, terminal) {
    if (runId === undefined || runId === "") {
      throw new UsageError("The id is missing: workflow cancel <runId>. To list them: workflow inspect runs");
    }
    if (rest.length > 0) throw new UsageError(`cancel takes one run, but got also ${rest.join(" ")}`);
    const { getRun } = await import("../api/run.ts");
    const { withWorld } = await import("./open-world.ts");
    const status = await withWorld(async () => {
      const run = getRun(runId);
      await run.cancel(reason === undefined ? {} : { cancelReason: reason });
      return await run.status;
    });
    terminal.print(
      status === "cancelled"
        ? `${runId} is cancelled`
        : `${runId} is still ${status}. Its cancellation is stored, and ends it once a worker takes it in: is the app running?`,
    );
  },
};
