import type {
  Class,
  Function as PlainFunction,
  ArrowFunctionExpression,
  Node,
  Program,
  VariableDeclaration,
} from "oxc-parser";
import { childrenOf, withoutTypes } from "./ast.ts";
import { namesIn } from "./patterns.ts";

export interface Scope {
  readonly kind: "module" | "function" | "block";
  readonly node: Node;
  readonly parent: Scope | undefined;
  readonly bindings: Map<string, Binding>;
}

export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  /** What introduced the name: a declarator, function, class, parameter owner, import specifier. */
  readonly declaration: Node;
}

/** A use of a name as a value. Uses in types are none. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Absent for globals. */
  readonly binding: Binding | undefined;
}

export interface Scopes {
  readonly module: Scope;
  /** In the order of the walk. */
  readonly references: readonly Reference[];
}

interface Use {
  readonly name: string;
  readonly node: Node;
  readonly scope: Scope;
}

/** Says for each name in a module which binding it means. */
export function analyseScopes(program: Program): Scopes {
  const uses: Use[] = [];
  const module = createScope("module", program, undefined);
  for (const statement of program.body) visit(statement, module, uses);
  const references = uses.map(({ name, node, scope }) => {
    return { name, start: node.start, end: node.end, binding: lookUp(name, scope) };
  });
  return { module, references };
}

function createScope(kind: Scope["kind"], node: Node, parent: Scope | undefined): Scope {
  return { kind, node, parent, bindings: new Map() };
}

function lookUp(name: string, from: Scope): Binding | undefined {
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent) {
    const binding = scope.bindings.get(name);
    if (binding !== undefined) return binding;
  }
  return undefined;
}

function declare(name: string, declaration: Node, scope: Scope): void {
  // A later `var` or overload of the same name does not move the binding.
  if (!scope.bindings.has(name)) scope.bindings.set(name, { name, scope, declaration });
}

function visitChildren(node: Node, scope: Scope, uses: Use[]): void {
  for (const child of childrenOf(node)) visit(child, scope, uses);
}

function visit(node: Node, scope: Scope, uses: Use[]): void {
  switch (node.type) {
    case "Identifier":
      uses.push({ name: node.name, node, scope });
      return;
    case "FunctionDeclaration":
      if (node.declare === true) return;
      if (node.id !== null) declare(node.id.name, node, scope);
      return visitFunction(node, scope, uses);
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return visitFunctionExpression(node, scope, uses);
    case "ClassDeclaration":
      if (node.declare === true) return;
      if (node.id !== null) declare(node.id.name, node, scope);
      return visitClass(node, scope, uses);
    case "ClassExpression":
      return visitClass(node, scope, uses);
    case "VariableDeclaration":
      return visitVariables(node, scope, uses);
    case "BlockStatement":
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "SwitchStatement":
      return visitChildren(node, createScope("block", node, scope), uses);
    case "StaticBlock":
      return visitChildren(node, createScope("function", node, scope), uses);
    case "CatchClause": {
      const inner = createScope("block", node, scope);
      if (node.param !== null) visitPattern(node.param, node, inner, uses);
      return visitChildren(node.body, inner, uses);
    }
    default:
      return visitPart(node, scope, uses);
  }
}

/** Nodes in which not every identifier is a use. */
function visitPart(node: Node, scope: Scope, uses: Use[]): void {
  switch (node.type) {
    case "MemberExpression":
      visit(node.object, scope, uses);
      if (node.computed) visit(node.property, scope, uses);
      return;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      if ("decorators" in node) for (const decorator of node.decorators) visit(decorator, scope, uses);
      if (node.computed) visit(node.key, scope, uses);
      if (node.value !== null) visit(node.value, scope, uses);
      return;
    case "LabeledStatement":
      return visit(node.body, scope, uses);
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ExportAllDeclaration":
      return;
    case "ImportDeclaration":
      for (const specifier of node.specifiers) declare(specifier.local.name, specifier, scope);
      return;
    case "ExportNamedDeclaration":
      if (node.declaration !== null) visit(node.declaration, scope, uses);
      if (node.source !== null || node.exportKind === "type") return;
      for (const { local, exportKind } of node.specifiers) {
        if (exportKind !== "type" && local.type === "Identifier") visit(local, scope, uses);
      }
      return;
    default:
      if (node.type.startsWith("JSX")) return visitJsx(node, scope, uses);
      return node.type.startsWith("TS") ? visitTypeScript(node, scope, uses) : visitChildren(node, scope, uses);
  }
}

function visitJsx(node: Node, scope: Scope, uses: Use[]): void {
  switch (node.type) {
    case "JSXOpeningElement": {
      const { name } = node;
      if (name.type === "JSXMemberExpression") visit(name, scope, uses);
      // A lower-case name is an element of the host, not a variable.
      else if (name.type === "JSXIdentifier" && !/^[a-z]/.test(name.name)) visit(name, scope, uses);
      for (const attribute of node.attributes) visit(attribute, scope, uses);
      return;
    }
    case "JSXIdentifier":
      uses.push({ name: node.name, node, scope });
      return;
    case "JSXMemberExpression":
      return visit(node.object, scope, uses);
    case "JSXAttribute":
      return node.value === null ? undefined : visit(node.value, scope, uses);
    case "JSXClosingElement":
    case "JSXNamespacedName":
      return;
    default:
      return visitChildren(node, scope, uses);
  }
}

/** Of TypeScript's own syntax, only what leaves something behind at run time. */
function visitTypeScript(node: Node, scope: Scope, uses: Use[]): void {
  const expression = withoutTypes(node);
  if (expression !== node) return visit(expression, scope, uses);
  switch (node.type) {
    case "TSParameterProperty":
      return visitPattern(node.parameter, node, scope, uses);
    case "TSEnumDeclaration": {
      if (node.declare) return;
      declare(node.id.name, node, scope);
      const members = createScope("block", node, scope);
      for (const member of node.body.members) {
        if (member.id.type === "Identifier") declare(member.id.name, member, members);
        if (member.initializer !== null) visit(member.initializer, members, uses);
      }
      return;
    }
    case "TSModuleDeclaration":
      if (node.declare || node.body === null) return;
      if (node.id.type === "Identifier") declare(node.id.name, node, scope);
      return visitChildren(node.body, createScope("function", node, scope), uses);
    case "TSImportEqualsDeclaration":
      declare(node.id.name, node, scope);
      if (node.moduleReference.type === "Identifier") visit(node.moduleReference, scope, uses);
      return;
    case "TSExportAssignment":
      return visit(node.expression, scope, uses);
    default:
  }
}

function visitFunctionExpression(node: PlainFunction | ArrowFunctionExpression, scope: Scope, uses: Use[]): void {
  if (node.id === null) return visitFunction(node, scope, uses);
  const named = createScope("block", node, scope);
  declare(node.id.name, node, named);
  visitFunction(node, named, uses);
}

function visitFunction(node: PlainFunction | ArrowFunctionExpression, outer: Scope, uses: Use[]): void {
  const scope = createScope("function", node, outer);
  for (const parameter of node.params) visitPattern(parameter, node, scope, uses);
  if (node.body === null) return;
  // Parameters and body share one scope: no name can mean different things in the two where it matters here.
  if (node.body.type === "BlockStatement") visitChildren(node.body, scope, uses);
  else visit(node.body, scope, uses);
}

function visitClass(node: Class, outer: Scope, uses: Use[]): void {
  for (const decorator of node.decorators) visit(decorator, outer, uses);
  const scope = createScope("block", node, outer);
  if (node.id !== null && node.type === "ClassExpression") declare(node.id.name, node, scope);
  if (node.superClass !== null) visit(node.superClass, scope, uses);
  visitChildren(node.body, scope, uses);
}

function visitVariables(node: VariableDeclaration, scope: Scope, uses: Use[]): void {
  if (node.declare === true) return;
  const owner = node.kind === "var" ? varScope(scope) : scope;
  for (const declarator of node.declarations) {
    declarePattern(declarator.id, declarator, owner);
    visitDefaults(declarator.id, scope, uses);
    if (declarator.init !== null) visit(declarator.init, scope, uses);
  }
}

function varScope(scope: Scope): Scope {
  return scope.kind === "block" && scope.parent !== undefined ? varScope(scope.parent) : scope;
}

function visitPattern(pattern: Node, declaration: Node, scope: Scope, uses: Use[]): void {
  declarePattern(pattern, declaration, scope);
  visitDefaults(pattern, scope, uses);
}

function declarePattern(pattern: Node, declaration: Node, scope: Scope): void {
  for (const name of namesIn(pattern)) declare(name, declaration, scope);
}

/** The parts of a binding pattern that are evaluated: default values, computed keys, decorators. */
function visitDefaults(pattern: Node, scope: Scope, uses: Use[]): void {
  if ("decorators" in pattern) for (const decorator of pattern.decorators ?? []) visit(decorator, scope, uses);
  switch (pattern.type) {
    case "ObjectPattern":
      for (const property of pattern.properties) visitDefaults(property, scope, uses);
      return;
    case "Property":
      if (pattern.computed) visit(pattern.key, scope, uses);
      return visitDefaults(pattern.value, scope, uses);
    case "ArrayPattern":
      for (const element of pattern.elements) if (element !== null) visitDefaults(element, scope, uses);
      return;
    case "AssignmentPattern":
      visitDefaults(pattern.left, scope, uses);
      return visit(pattern.right, scope, uses);
    case "RestElement":
      return visitDefaults(pattern.argument, scope, uses);
    case "TSParameterProperty":
      return visitDefaults(pattern.parameter, scope, uses);
    default:
  }
}
