import type MagicString from "magic-string";
import { editClasses, exportClasses } from "./realm-classes.ts";
import { slice, type Chunk } from "./draft.ts";
import type { ReferenceAt } from "./fills.ts";
import type { ModuleModel } from "./model.ts";
import { preambleOf } from "./preamble.ts";
import type { Reachable } from "./reachability.ts";
import { editFunctions, hoisted, isHoisted } from "./realm-functions.ts";
import { editStatements } from "./realm-statements.ts";

/** Realm code: workflows keep their bodies, steps become proxies, and what no workflow can reach is gone. */
export function realmChunks(model: ModuleModel, reachable: Reachable): Chunk[] {
  const { module, functions, names, scopes } = model;
  const anonymous = names.unique("__workflow_default");
  const top = functions.flatMap((durable) => {
    const { kind, slot, fn, local, exportName } = durable;
    if (!isHoisted(durable) || durable.nested) return [];
    if (kind === "step" && local !== undefined && !reachable.kept.has(fn)) return [];
    return hoisted(durable, slot.type === "declaration" ? (local ?? anonymous) : exportName, model);
  });
  const references: ReferenceAt = new Map(scopes.references.map((reference) => [reference.start, reference]));
  const end = module.source.length;
  const preamble = preambleOf(module);
  const edit = (draft: MagicString): void => {
    const dropped = editStatements(draft, model, { reachable, references });
    editClasses(draft, model, dropped);
    editFunctions(draft, { start: 0, end }, model, dropped);
  };
  return [
    module.source.slice(preamble.comments.start, preamble.comments.end),
    ...top,
    slice(module, { start: preamble.end, end }, edit),
    ...exportsInPlace(model),
    ...exportClasses(model),
  ];
}

/** The realm code of a module that has only classes. */
export function realmClassChunks(model: ModuleModel): Chunk[] {
  const whole = { start: 0, end: model.module.source.length };
  return [slice(model.module, whole, (draft) => editClasses(draft, model, [])), ...exportClasses(model)];
}

/** For workflows that stay where they are and that the source does not export. */
function exportsInPlace({ functions, exported }: ModuleModel): Chunk[] {
  return functions.flatMap((durable) => {
    const { kind, local, exportName } = durable;
    if (kind !== "workflow" || isHoisted(durable) || local === undefined || exported.has(local)) return [];
    return [`\nexport { ${local} as ${exportName} };\n`];
  });
}
