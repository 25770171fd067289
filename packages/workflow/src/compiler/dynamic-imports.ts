import { walk } from "./ast.ts";
import { report, type Report } from "./diagnostics.ts";
import type { DurableFunction } from "./model.ts";

/** `import()` in workflow bodies. The steps in them run on the host and may use it. */
export function findDynamicImports(functions: readonly DurableFunction[]): Report[] {
  const steps = new Set(functions.filter(({ kind }) => kind === "step").map(({ fn }) => fn as object));
  const reports: Report[] = [];
  for (const { kind, fn, path } of functions) {
    if (kind !== "workflow") continue;
    walk(fn, (node) => {
      if (steps.has(node)) return false;
      if (node.type === "ImportExpression") {
        const message = `The workflow ${path} uses a dynamic import(), which the realm does not have.`;
        const fix = "Import the module at the top of the file, or import it in a step.";
        reports.push(report("dynamic-import-in-workflow", node, message, { fix }));
      }
      return undefined;
    });
  }
  return reports;
}
