import { cancel } from "./cancel.ts";
import type { Command } from "./command.ts";
import { inspect } from "./inspect.ts";
import { resume } from "./resume.ts";

export const COMMANDS: Readonly<Record<string, Command>> = { inspect, resume, cancel };
