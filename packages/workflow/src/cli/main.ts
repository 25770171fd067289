import { readFileSync } from "node:fs";
import { COMMANDS } from "./commands.ts";
import { failureOf } from "./failure.ts";
import { readCommandLine } from "./flags.ts";
import { generalHelp, helpOf } from "./help.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** The program `workflow`, with what was typed after its name. Sets the exit code of the process; never throws. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = openTerminal();
  try {
    await obey(args, terminal);
  } catch (error) {
    const { exitCode, text } = failureOf(error);
    terminal.note(text);
    process.exitCode = exitCode;
  }
}

async function obey([name, ...rest]: readonly string[], terminal: Terminal): Promise<void> {
  if (name === undefined || name === "--help" || name === "-h") return terminal.print(generalHelp());
  if (name === "--version") return terminal.print(version());
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new UsageError(
      `There is no command ${name}. Commands are ${Object.keys(COMMANDS).join(", ")}; --help says more`,
    );
  }
  const typed = readCommandLine(rest, command.flags);
  if (typed.flags.help) return terminal.print(helpOf(command));
  await command.run(typed, terminal);
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
