import type { ObjectExpression } from "oxc-parser";
import { addProperty, propertyOf } from "./source/lists.ts";
import { openSource, type Source } from "./source/source.ts";
import type { Edit } from "./plan.ts";
import type { Project } from "./project.ts";

const REGISTER = "--import workflow/register";
/** Scripts by which people start their servers. */
const SERVING = /^(?:dev|start|serve|develop)(?::|$)/;

/**
 * Node executes the app, and this is how it comes to know workflows. Whoever has it in one script has decided where it
 * belongs. `added` is a script that has to be there too.
 */
export function scriptsEdit({ manifest, read }: Project, added?: readonly [name: string, command: string]): Edit {
  const path = "package.json";
  const before = Object.entries(manifest.scripts ?? {});
  if (before.some(([, command]) => command.includes("workflow/register"))) return { path, outcome: { status: "done" } };
  const changed = before
    .filter(([name]) => SERVING.test(name))
    .flatMap(([name, command]): [string, string][] => {
      const next = withRegister(command);
      return next === command ? [] : [[name, next]];
    });
  const missing = added === undefined || before.some(([name]) => name === added[0]) ? [] : [added];
  if (changed.length === 0 && missing.length === 0) {
    return { path, outcome: { status: "by-hand", why: WHY, add: BY_HAND } };
  }
  return { path, outcome: { status: "edited", text: edited(read(path) ?? "", changed, missing) } };
}

const WHY = "no script of it named dev or start is a call of node, tsx or nest";
const BY_HAND = `"start": "node ${REGISTER} <the file that starts the server>"`;

/** Node strips types by itself with it, so `tsx` is not needed any more, and would load the files first. */
export function withRegister(command: string): string {
  if (command.includes("workflow/register")) return command;
  return command
    .split(/(\s*(?:&&|\|\||;)\s*)/)
    .map((part) => {
      const [, env, program, rest] =
        /^((?:cross-env\s+)?(?:\w+=\S*\s+)*)(node|tsx watch|tsx|nest start)(\s.*|)$/s.exec(part) ?? [];
      if (env === undefined || program === undefined || rest === undefined) return part;
      return env + registered(program, rest);
    })
    .join("");
}

function registered(program: string, rest: string): string {
  if (program === "nest start") return `${program}${rest} --exec "node ${REGISTER}"`;
  if (rest.trim() === "") return program + rest;
  return `node ${program === "tsx watch" ? "--watch " : ""}${REGISTER}${rest}`;
}

/** The rest of the file stays as it is. */
function edited(
  text: string,
  changed: readonly (readonly [string, string])[],
  missing: readonly (readonly [string, string])[],
): string {
  // JSON is an expression; in a line of its own it keeps its indentation.
  const source = openSource("package.js", `(\n${text}\n)`);
  const manifest = source === undefined ? undefined : objectIn(source);
  if (source === undefined || manifest === undefined) return text;
  const scripts = propertyOf(manifest, "scripts");
  const list = scripts?.type === "Property" && scripts.value.type === "ObjectExpression" ? scripts.value : undefined;
  for (const [name, command] of changed) {
    const script = list === undefined ? undefined : propertyOf(list, name);
    if (script?.type === "Property") {
      source.output.update(script.value.start, script.value.end, JSON.stringify(command));
    }
  }
  for (const [name, command] of missing) {
    const entry = `${JSON.stringify(name)}: ${JSON.stringify(command)}`;
    if (list === undefined) addProperty(source, manifest, `"scripts": { ${entry} }`);
    else addProperty(source, list, entry);
  }
  return source.output.toString().slice(2, -2);
}

function objectIn({ program }: Source): ObjectExpression | undefined {
  const [statement] = program.body;
  if (statement?.type !== "ExpressionStatement") return undefined;
  return statement.expression.type === "ObjectExpression" ? statement.expression : undefined;
}
