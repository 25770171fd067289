import { compileHost } from "../../build/compile-host.ts";
import { mayBeCompiled } from "../../build/source-files.ts";
import { withStart } from "./instrumentation.ts";

/** Plain values: Turbopack passes nothing else to loaders. */
export interface LoaderOptions {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  /** The file that Next.js runs when the server starts; absolute. */
  readonly instrumentation: string;
  /** How that file names the server's module. */
  readonly server: string;
}

/** What of a loader's context webpack and Turbopack have in common. */
interface LoaderContext {
  readonly resourcePath: string;
  getOptions(): LoaderOptions;
  callback(error: Error | null, code?: string, map?: unknown): void;
}

/** Compiles directives for the server, and has the server start its worker. */
export default function loader(this: LoaderContext, source: string, map?: unknown): void {
  // oxlint-disable-next-line oxc/no-this-in-exported-function -- so bundlers tell a loader what it works on
  load(this, source, map);
}

function load(context: LoaderContext, source: string, given: unknown): void {
  const { root, instrumentation, server } = context.getOptions();
  const file = context.resourcePath;
  try {
    const compiled = mayBeCompiled(file) ? compileHost(file, source, root) : undefined;
    const code = compiled?.code ?? source;
    const map: unknown = compiled === undefined ? given : JSON.parse(compiled.map);
    context.callback(null, file === instrumentation ? withStart(code, server) : code, map);
  } catch (error) {
    context.callback(error as Error);
  }
}
