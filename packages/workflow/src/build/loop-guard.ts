import MagicString, { type SourceMap } from "magic-string";
import { type Expression, type FunctionBody, parseSync, type Statement, Visitor } from "oxc-parser";

const CHECK = "--__fuel<0&&__refuel()";
const DECLARATION = "let __fuel=0;const __refuel=()=>{__fuel=__workflow.refuel()};";

/**
 * Makes every loop round and every call in a realm bundle count down, so that the realm can stop code that never
 * waits (`__workflow.refuel`, which throws when the time is up). Costs next to nothing, where a time limit of `vm`
 * costs 0.1 ms for every event.
 */
export function guardLoops(code: string): { readonly code: string; readonly map: SourceMap } {
  const text = new MagicString(code);
  const { program } = parseSync("bundle.cjs", code, { sourceType: "script" });
  const wrap = (body: Statement | Expression, before: string, after: string): void => {
    text.appendLeft(body.start, before);
    text.appendRight(body.end, after);
  };
  const guardLoop = ({ body }: { readonly body: Statement }): void => {
    if (body.type === "BlockStatement") text.appendRight(body.start + 1, `${CHECK};`);
    else wrap(body, `{${CHECK};`, "}");
  };
  const guardFunction = ({ body }: { readonly body: FunctionBody | Expression | null }): void => {
    if (body === null) return;
    if (body.type !== "BlockStatement") wrap(body, `(${CHECK},`, ")");
    else text.appendRight(afterDirectives(body.body) ?? body.start + 1, `${CHECK};`);
  };

  text.appendRight(afterDirectives(program.body) ?? 0, DECLARATION);
  new Visitor({
    ForStatement: guardLoop,
    ForInStatement: guardLoop,
    ForOfStatement: guardLoop,
    WhileStatement: guardLoop,
    DoWhileStatement: guardLoop,
    FunctionDeclaration: guardFunction,
    FunctionExpression: guardFunction,
    ArrowFunctionExpression: guardFunction,
  }).visit(program);
  return { code: text.toString(), map: text.generateMap({ hires: "boundary" }) };
}

/** Where directives like "use strict" end; they have to stay first. */
function afterDirectives(statements: readonly { readonly end: number }[]): number | undefined {
  return statements.findLast((statement) => "directive" in statement && typeof statement.directive === "string")?.end;
}
