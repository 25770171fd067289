import type { Class, ClassElement, Node } from "oxc-parser";
import { contains, hasAwait, withoutTypes, type ParsedModule, type Range } from "./ast.ts";
import { declarationOf } from "./exports.ts";
import type { Names } from "./names.ts";
import type { Scopes } from "./scopes.ts";

/** A class of module level whose instances can perhaps be stored. */
export interface DurableClass {
  readonly node: Class;
  readonly id: string;
  /** The variable that always holds it. */
  readonly local: string | undefined;
  /** It has serialization methods of its own, as far as can be seen. */
  readonly isSerializable: boolean;
  /** What the realm output exports it as, if its instances may have to be revived where no code mentions it. */
  readonly exportName: string | undefined;
  /** It can be stored for what stands in it, whatever it inherits. */
  readonly isSure: boolean;
  readonly parent: string | undefined;
}

interface Found {
  readonly node: Class;
  readonly local: string | undefined;
}

interface Surroundings {
  readonly module: ParsedModule;
  readonly moduleSpecifier: string;
  readonly exported: ReadonlyMap<string, readonly string[]>;
  readonly names: Names;
  readonly scopes: Scopes;
  /** The functions of the module that are steps. */
  readonly steps: readonly Range[];
}

/** Whether there is one that is an error, for example, only shows when the module runs. */
export function findClasses(surroundings: Surroundings): DurableClass[] {
  const { module, moduleSpecifier, steps } = surroundings;
  return module.program.body.flatMap(classesIn).flatMap(({ node, local }) => {
    const isSerializable = node.body.body.some(isSerialization);
    const isSure = isSerializable || steps.some((step) => isMethodOf(node, step));
    const inherits = node.superClass !== null && withoutTypes(node.superClass).type !== "Literal";
    if ((!isSure && !inherits) || hasAwait(node)) return [];
    const parent = node.superClass?.type === "Identifier" ? node.superClass.name : undefined;
    const isWanted = isSerializable || (parent !== undefined && surroundings.scopes.module.bindings.has(parent));
    return [
      {
        node,
        local,
        id: `class//${moduleSpecifier}//${local ?? "default"}`,
        isSerializable,
        isSure,
        exportName: isWanted ? exportNameOf(local, surroundings) : undefined,
        parent,
      },
    ];
  });
}

function exportNameOf(local: string | undefined, { exported, names }: Surroundings): string {
  if (local === undefined) return "default";
  return exported.get(local)?.[0] ?? names.unique(`__workflow_class_${local}`);
}

function classesIn(statement: Node): Found[] {
  const declaration = declarationOf(statement);
  if (declaration.type === "ClassDeclaration" || declaration.type === "ClassExpression") {
    return declaration.declare === true ? [] : [{ node: declaration, local: declaration.id?.name }];
  }
  if (declaration.type !== "VariableDeclaration" || declaration.kind !== "const") return [];
  return declaration.declarations.flatMap(({ id, init }) => {
    const value = init === null ? undefined : withoutTypes(init);
    return id.type === "Identifier" && value?.type === "ClassExpression" ? [{ node: value, local: id.name }] : [];
  });
}

/** A static method or property whose key could be one of the two symbols, wherever the name comes from. */
function isSerialization(element: ClassElement): boolean {
  if (element.type !== "MethodDefinition" && element.type !== "PropertyDefinition") return false;
  if (!element.static || !element.computed) return false;
  const key = withoutTypes(element.key);
  switch (key.type) {
    case "Identifier":
      return true;
    case "CallExpression":
      return key.callee.type === "MemberExpression" && isWord(key.callee.object, "Symbol");
    case "MemberExpression":
      return !isWord(key.object, "Symbol");
    default:
      return false;
  }
}

function isWord(node: Node, word: string): boolean {
  return node.type === "Identifier" && node.name === word;
}

function isMethodOf({ body }: Class, step: Range): boolean {
  return body.body.some((element) => element.type === "MethodDefinition" && contains(element.value, step));
}

/** What to add at the end of the body of a class, where it is complete and nobody has it yet. */
export function registration(
  { node, id, isSure }: DurableClass,
  register: string,
): readonly [at: number, code: string] {
  const last = node.body.body.at(-1)?.type;
  const separator = last === undefined || last === "MethodDefinition" || last === "StaticBlock" ? "" : ";";
  return [
    node.body.end - 1,
    `${separator} static { ${register}(${JSON.stringify(id)}, this${isSure ? ", true" : ""}); } `,
  ];
}
