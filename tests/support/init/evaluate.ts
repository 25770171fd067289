import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** What a config file of an app exports; called, if it is a function. Every package answers calls with its name. */
export function evaluate(folder: string, path: string): unknown {
  const args = ["--no-warnings", "--input-type=module", "--eval", PROGRAM, join(folder, path)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

const PROGRAM = `
  import { registerHooks } from "node:module";

  const NAMES = ["workflow", "workflowPlugin", "sveltekit", "reactRouter", "tanstackStart", "nitro", "route", "index"];
  globalThis.answer = (from, called) => (...args) => ({ from, called, ...(args.length > 0 && { args }) });
  globalThis.define = (config) => config;
  globalThis.wrap = (from) => (config) => async () =>
    ({ from, config: await (typeof config === "function" ? config("phase-production-server") : config) });
  globalThis.defineNuxtConfig = define;

  function standIn(specifier) {
    const from = JSON.stringify(specifier);
    const plugin = specifier.startsWith("@next/") ? "() => define" : "answer(" + from + ', "default")';
    return [
      ...NAMES.map((name) => "export const " + name + " = answer(" + from + ', "' + name + '");'),
      "export const defineConfig = define;",
      "export const withWorkflow = wrap(" + from + ");",
      "const plugin = " + plugin + ";",
      'export { plugin as default };',
      specifier.startsWith("@next/") ? 'export { plugin as "module.exports" };' : "",
    ].join("\\n");
  }

  registerHooks({
    resolve: (specifier, context, next) =>
      /^[@\\w][^:]*$/.test(specifier) && context.parentURL !== undefined && !specifier.startsWith("/")
        ? { url: "stand-in:" + specifier, format: "module", shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url.startsWith("stand-in:")
        ? { source: standIn(url.slice("stand-in:".length)), format: "module", shortCircuit: true }
        : next(url, context),
  });

  const { default: exported } = await import(process.argv[1]);
  const value = typeof exported === "function" ? await exported({ mode: "production" }) : exported;
  console.log(JSON.stringify(value));
`;
