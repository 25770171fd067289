import { text } from "node:stream/consumers";
import type { StringValue } from "../world/duration.ts";
import type { HeldResume, ResumedHook } from "../world/resume.ts";
import type { Command } from "./command.ts";
import type { Flags } from "./flags.ts";
import { exactTime } from "./relative-time.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export const resume: Command = {
  usage: [["resume <token> [payload]", "gives JSON (or - : standard input) to the hook with this token, else null"]],
  flags: ["key", "hold", "help"],
  async run({ positionals, flags }, terminal) {
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
    report(await send(token, value, flags), terminal);
  },
};

async function send(token: string, value: unknown, { key, hold }: Flags): Promise<ResumedHook | HeldResume> {
  const { resumeHook } = await import("../api/hooks.ts");
  const { withWorld } = await import("./open-world.ts");
  // Whether it is a duration, the engine says.
  const options = { idempotencyKey: key, hold: hold as StringValue | undefined };
  return withWorld(() => resumeHook(token, value, options));
}

function report(outcome: ResumedHook | HeldResume, terminal: Terminal): void {
  if (outcome.runId !== undefined) terminal.print(outcome.runId);
  else terminal.print(`held until ${exactTime(outcome.heldUntil, Date.now())}`);
  if (outcome.status === "duplicate") terminal.note("The key was used before: nothing was stored this time");
}

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${what} is not JSON: ${(error as Error).message}. A text is quoted twice: '"yes"'`);
  }
}
