import type { Chapter } from "./statement.ts";
import { WORKFLOW } from "./statements/01-workflow.ts";
import { API } from "./statements/02-api.ts";
import { ERRORS } from "./statements/03-errors.ts";
import { SERIALIZATION } from "./statements/06-serialization.ts";
import { SEMANTICS } from "./statements/07-semantics.ts";
import { STREAMS } from "./statements/09-streams.ts";

export const CHAPTERS: readonly Chapter[] = [WORKFLOW, API, ERRORS, SERIALIZATION, SEMANTICS, STREAMS];
