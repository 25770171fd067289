import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { fieldLines } from "./fields.ts";
import { type Flag, FLAGS } from "./flags.ts";

/** What `workflow` alone says. */
export function generalHelp(): string {
  const usage = Object.values(COMMANDS).flatMap((command) => command.usage);
  return [
    "Durable workflows: look at runs, resume, cancel and execute them, while the app runs or when it does not.",
    "",
    ...usageLines([
      ...usage,
      ["<command> --help", "the flags of a command"],
      ["--version", "the version; wf is short for workflow"],
    ]),
    "",
    ...fieldLines([
      ["WORKFLOW_LOCAL_DATA_DIR", "where the data is (.workflow-data in the working directory)"],
      ["WORKFLOW_TARGET_WORLD", "a module that stores runs elsewhere (local), such as @workflow/world-postgres"],
    ]),
  ].join("\n");
}

export function helpOf({ usage, flags }: Command): string {
  return [...usageLines(usage), "", ...fieldLines(flags.map((flag) => [flagText(flag), FLAGS[flag].about]))].join("\n");
}

function usageLines(usage: Command["usage"]): string[] {
  return fieldLines(usage.map(([typed, does]) => [`workflow ${typed}`, does]));
}

function flagText(flag: Flag): string {
  const { short, value } = FLAGS[flag];
  return [`--${flag}`, short && `, -${short}`, value && ` ${value}`].join("");
}
