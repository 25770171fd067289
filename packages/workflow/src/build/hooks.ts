import module from "node:module";
import { createLoadHook, type ModuleListener } from "./hook-load.ts";
import { createResolveHook } from "./hook-resolve.ts";

export interface HookOptions {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  readonly onModule?: ModuleListener;
  /** Is told the URL of the module that the process was started with. */
  readonly onMain?: (url: string) => void;
}

/** Makes this thread run TypeScript and workflow code from here on, for `import` and `require()` alike. */
export function installHooks({ root, onModule = () => undefined, onMain = () => undefined }: HookOptions): void {
  module.setSourceMapsSupport(true);
  module.registerHooks({ resolve: createResolveHook(onMain), load: createLoadHook(root, onModule) });
}
