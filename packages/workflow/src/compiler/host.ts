import type MagicString from "magic-string";
import type { MethodDefinition } from "oxc-parser";
import { contains, isSame, type Range } from "./ast.ts";
import { registration } from "./classes.ts";
import { slice, type Chunk } from "./draft.ts";
import { preambleOf } from "./preamble.ts";
import { hostHelpers, type HostHelpers } from "./host-helpers.ts";
import type { DurableFunction, ModuleModel } from "./model.ts";
import { closureVars, isMethod, openMethod, quote } from "./rewriting.ts";

interface Context {
  readonly model: ModuleModel;
  readonly helpers: HostHelpers;
  /** What a default export without a name is called. */
  readonly anonymous: string;
}

/** Host code: steps keep their bodies and register themselves, workflows become stubs. */
export function hostChunks(model: ModuleModel, isSecondCopy = false): Chunk[] {
  const { module, functions, classes, names } = model;
  const anonymous = names.unique("__workflow_default");
  const context: Context = { model, helpers: hostHelpers(names, isSecondCopy), anonymous };
  const { end: at } = preambleOf(module);
  return [
    part({ start: 0, end: at }, context),
    at > 0 && !module.source.slice(0, at).endsWith("\n") ? "\n" : "",
    functions.some(({ kind }) => kind === "step") ? context.helpers.forSteps : "",
    classes.length > 0 ? context.helpers.forClasses : "",
    ...functions.flatMap((durable) => introduction(durable, context)),
    part({ start: at, end: module.source.length }, context),
  ];
}

/** What is said about a function before any code of the module runs. */
function introduction(durable: DurableFunction, context: Context): Chunk[] {
  const { id, kind, nested, slot } = durable;
  if (nested) return boundStep(durable, context);
  if (slot.type !== "declaration") return [];
  const name = durable.local ?? context.anonymous;
  return [
    kind === "step" ? `${context.helpers.step}(${quote(id)}, ${name});\n` : `${name}.workflowId = ${quote(id)};\n`,
  ];
}

function part(range: Range, context: Context): MagicString {
  return slice(context.model.module, range, (draft) => editRange(draft, range, context));
}

function editRange(draft: MagicString, range: Range, context: Context): void {
  const { directiveStatements, functions, classes } = context.model;
  for (const statement of directiveStatements) {
    if (contains(range, statement)) draft.remove(statement.start, statement.end);
  }
  for (const durable of classes) {
    if (contains(range, durable.node)) draft.appendLeft(...registration(durable, context.helpers.register));
  }
  const workflows = functions.filter(({ kind }) => kind === "workflow");
  // Inner functions first, so that what is put around an outer one ends up around both.
  for (const durable of functions.toReversed()) {
    if (!contains(range, durable.fn) || isSame(range, durable.fn)) continue;
    // In the body of a workflow, which is about to go.
    if (durable.nested && workflows.some(({ fn }) => contains(range, fn) && contains(fn, durable.fn))) continue;
    if (durable.kind === "workflow") editWorkflow(draft, durable, context);
    else editStep(draft, durable, context);
  }
}

/** The step once more, at module level, where a worker can give it the values that it captured. */
function boundStep(durable: DurableFunction, context: Context): Chunk[] {
  const { helpers, model } = context;
  const { id, captures, local } = durable;
  const self = durable.capturesThis ? model.names.unique("__workflow_this") : undefined;
  const parameters = [...(self === undefined ? [] : [`this: ${self}`]), ...captures].join(", ");
  const open = local === undefined ? "return " : `const ${local} = `;
  const close = local === undefined ? ";" : `; return ${local};`;
  const [before, after] = self === undefined ? ["{ ", " }"] : ["(function () { ", ` }).call(${self})`];
  const vars = parameters === "" ? "" : `{ ${parameters} }`;
  return [
    `${helpers.bind}(${quote(id)}, (${vars}) => ${before}${open}${isMethod(durable) ? "async function " : ""}`,
    part(durable.fn, context),
    `${close}${after});\n`,
  ];
}

function editWorkflow(draft: MagicString, durable: DurableFunction, { anonymous }: Context): void {
  const { slot, fn, id } = durable;
  const body = `{ throw new Error(${quote(directCallMessage(durable))}); }`;
  const attached = (head: string): string => `Object.assign(async ${head}() ${body}, { workflowId: ${quote(id)} })`;
  const named = durable.local === undefined ? "function " : `function ${durable.local}`;
  switch (slot.type) {
    case "declaration":
      draft.overwrite(fn.start, fn.end, `async function ${durable.local ?? anonymous}() ${body}`);
      return;
    case "method":
      openMethod(draft, slot.property, "");
      draft.overwrite(fn.start, fn.end, `: ${attached("function ")}`);
      return;
    case "class-method":
      openMethod(draft, slot.element, "static ");
      draft.overwrite(fn.start, fn.end, ` = ${attached("function ")};`);
      return;
    case "inner-declaration":
    case "expression":
      draft.overwrite(fn.start, fn.end, attached(named));
  }
}

function editStep(draft: MagicString, durable: DurableFunction, { helpers, anonymous }: Context): void {
  const { slot, fn, id, nested } = durable;
  const helper = nested ? helpers.mark : helpers.step;
  const vars = closureVars(durable);
  const call = (value: string): string => `${helper}(${quote(id)}, ${value}${vars === "" ? "" : `, ${vars}`})`;
  switch (slot.type) {
    case "declaration": {
      if (durable.local === undefined)
        draft.appendLeft(draft.original.indexOf("function", fn.start) + 8, ` ${anonymous}`);
      return;
    }
    case "inner-declaration": {
      // At the start of the block: the function is callable from there on.
      const at = slot.block === undefined ? fn.end : slot.block.start + 1;
      draft.appendLeft(at, ` ${call(durable.local ?? "")};`);
      return;
    }
    case "class-method":
      draft.appendLeft(slot.element.end, ` static { ${call(memberOf(draft.original, slot.element))}; }`);
      return;
    case "method":
      openMethod(draft, slot.property, "");
      draft.prependRight(fn.start, `: ${helper}(${quote(id)}, async function `);
      draft.appendLeft(fn.end, vars === "" ? ")" : `, ${vars})`);
      return;
    case "expression":
      draft.prependRight(fn.start, `${helper}(${quote(id)}, `);
      draft.appendLeft(fn.end, vars === "" ? ")" : `, ${vars})`);
  }
}

function memberOf(source: string, { key, computed, static: isStatic }: MethodDefinition): string {
  const text = source.slice(key.start, key.end);
  const owner = isStatic ? "this" : "this.prototype";
  return computed || key.type === "Literal" ? `${owner}[${text}]` : `${owner}.${text}`;
}

function directCallMessage({ local, path }: DurableFunction): string {
  const name = local ?? (path === "default" ? "workflow" : path.replaceAll("/", "."));
  return (
    `You attempted to execute the workflow function ${name} directly. ` +
    `Use start(${name}, args) from "workflow/api" instead (WORKFLOW_DIRECT_CALL).`
  );
}
