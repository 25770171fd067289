import { configNames } from "./detect.ts";
import { editFile } from "./edit-file.ts";
import type { Edit } from "./plan.ts";
import { firstFile, type Project } from "./project.ts";
import { exportedObject } from "./source/exported.ts";
import { addImport, type Import, spellingOf } from "./source/imports.ts";
import { addToProperty, type Obstacle } from "./source/lists.ts";
import type { Source } from "./source/source.ts";

/** What a config file lists. */
export interface Entry {
  /** Of the config object, such as `plugins`. */
  readonly list: string;
  readonly item: string;
  readonly place: "first" | "last";
  /** The module of this package that it is about. */
  readonly module: string;
  readonly import?: Import;
}

/** Adds an entry to a config file; `created` is the text of a new one, if the framework does without. */
export function addEntry(project: Project, config: string, entry: Entry, created?: string): Edit {
  const path = firstFile(project, configNames(config));
  if (path === undefined && created !== undefined) {
    return {
      path: `${config}.${project.typescript ? "ts" : "mjs"}`,
      outcome: { status: "edited", text: created },
    };
  }
  return editFile(project, path ?? `${config}.ts`, {
    sign: entry.module,
    edit: (source) => editConfig(source, entry),
    byHand: linesOf(entry),
  });
}

function editConfig(source: Source, { list, item, place, import: imported }: Entry): Obstacle {
  const config = exportedObject(source);
  if (config === undefined) return "what it exports is not one object";
  const spelled = item.replaceAll('"', spellingOf(source).quote);
  const obstacle = addToProperty(source, config, list, spelled, place);
  if (obstacle === undefined && imported !== undefined) addImport(source, imported);
  return obstacle;
}

function linesOf({ list, item, place, import: imported }: Entry): string {
  const lines = imported === undefined ? [] : [`import ${imported.names} from "${imported.from}";`];
  return [...lines, place === "first" ? `${list}: [${item}, ...]` : `${list}: [..., ${item}]`].join("\n");
}
