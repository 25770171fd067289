import { cancel } from "./cancel.ts";
import type { Command } from "./command.ts";
import { init } from "./init.ts";
import { inspect } from "./inspect.ts";
import { migrate } from "./migrate.ts";
import { resume } from "./resume.ts";
import { wake } from "./wake.ts";
import { worker } from "./worker.ts";

export const COMMANDS: Readonly<Record<string, Command>> = { init, inspect, resume, cancel, worker, wake, migrate };
