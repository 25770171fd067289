import { walk } from "../../../compiler/ast.ts";
import { configNames } from "../detect.ts";
import type { Edit } from "../plan.ts";
import { firstFile, type Project } from "../project.ts";
import { exportedObject } from "../source/exported.ts";
import { addProperty, propertyOf } from "../source/lists.ts";
import { openSource, type Source } from "../source/source.ts";

export interface ServerFolder {
  readonly edit: Edit;
  readonly folder: string;
}

const SETTING = 'serverDir: "./server"';

/**
 * Nitro looks for routes only where its `serverDir` says. If nothing says so yet, an edit of a config file gets it too,
 * in the object of this name `within` the config if there is one.
 */
export function withServerFolder(project: Project, edit: Edit, within?: string): ServerFolder {
  const { path, outcome } = edit;
  const text = outcome.status === "edited" ? outcome.text : project.read(path);
  const said = folderSaid(path, text) ?? folderOfNitro(project);
  if (said !== undefined) return { edit, folder: said };
  const source = outcome.status === "edited" ? openSource(path, outcome.text) : undefined;
  if (source === undefined) return { edit, folder: "server" };
  return { edit: { path, outcome: { status: "edited", text: addSetting(source, within) } }, folder: "server" };
}

function folderOfNitro(project: Project): string | undefined {
  const path = firstFile(project, configNames("nitro.config"));
  return path === undefined ? undefined : folderSaid(path, project.read(path));
}

/** Without `./`. */
function folderSaid(path: string, text: string | undefined): string | undefined {
  let folder: string | undefined;
  const source = text === undefined ? undefined : openSource(path, text);
  if (source === undefined) return undefined;
  walk(source.program, (node) => {
    if (node.type !== "Property" || node.key.type !== "Identifier" || node.key.name !== "serverDir") return;
    if (node.value.type !== "Literal" || typeof node.value.value !== "string") return;
    folder = node.value.value.replace(/^\.\//, "").replace(/\/$/, "") || ".";
  });
  return folder;
}

function addSetting(source: Source, within?: string): string {
  const config = exportedObject(source);
  if (config === undefined) return source.text;
  const property = within === undefined ? undefined : propertyOf(config, within);
  if (within === undefined) addProperty(source, config, SETTING);
  else if (property === undefined) addProperty(source, config, `${within}: { ${SETTING} }`);
  else if (property.type === "Property" && property.value.type === "ObjectExpression") {
    addProperty(source, property.value, SETTING);
  }
  return source.output.toString();
}
