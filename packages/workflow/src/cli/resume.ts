import { text } from "node:stream/consumers";
import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

export const resume: Command = {
  usage: [["resume <token> [payload]", "gives JSON (or - : standard input) to the hook with this token, else null"]],
  flags: ["help"],
  async run({ positionals }, terminal) {
    const [token, payload = "null", ...rest] = positionals;
    if (token === undefined || token === "") {
      throw new UsageError(
        "The token is missing: workflow resume <token> [payload]. To list them: workflow inspect hooks",
      );
    }
    if (rest.length > 0) {
      throw new UsageError(
        `resume takes one payload, but got also ${rest.join(" ")}. Quote JSON: '{"approved": true}'`,
      );
    }
    const value = payload === "-" ? parse(await text(process.stdin), "Standard input") : parse(payload, "The payload");
    const { resumeHook } = await import("../api/hooks.ts");
    const { withWorld } = await import("./open-world.ts");
    const { runId } = await withWorld(() => resumeHook(token, value));
    terminal.print(runId);
  },
};

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${what} is not JSON: ${(error as Error).message}. A text is quoted twice: '"yes"'`);
  }
}
