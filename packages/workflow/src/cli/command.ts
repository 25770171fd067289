import type { Flag, Flags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

export interface Command {
  /** One line for each way to call it: what to type after `workflow`, and what that does. */
  readonly usage: readonly (readonly [typed: string, does: string])[];
  readonly flags: readonly Flag[];
  run(typed: Typed, terminal: Terminal): Promise<void>;
}

/** What stood behind the name of a command. */
export interface Typed {
  readonly positionals: readonly string[];
  readonly flags: Flags;
  /** The flags that were there. */
  readonly given: ReadonlySet<Flag>;
}
