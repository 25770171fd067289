import type { NitroModuleOptions } from "./nitro-options.ts";
import { tellPort } from "./nitro-server.ts";
import { createNitroModule } from "./nitro.ts";

/** What of Nuxt the module uses. */
interface Nuxt {
  readonly options: {
    readonly dev: boolean;
    /** As it was configured; when the build begins, what was chosen for this start. */
    readonly devServer: { readonly port?: number };
    nitro: { modules?: unknown[] };
    /** What the user has written under this name. */
    readonly workflow?: unknown;
  };
  hook(name: "build:before", on: () => void): unknown;
}

/** A module of Nuxt, as it takes them: a function that can say what it is. */
export interface NuxtModule {
  (inlineOptions: NitroModuleOptions | undefined, nuxt: unknown): void;
  getMeta(): Promise<{ readonly name: string; readonly configKey: string }>;
}

/** The module for `modules: ["workflow/nuxt"]`; its options stand under `workflow` in Nuxt's configuration. */
export const nuxtModule: NuxtModule = Object.assign(
  (inlineOptions: NitroModuleOptions | undefined, given: unknown): void => {
    const nuxt = given as Nuxt;
    const { options } = nuxt;
    const settings = { ...(options.workflow as NitroModuleOptions | undefined), ...inlineOptions };
    if (options.dev) nuxt.hook("build:before", () => tellPort(options.devServer.port));
    const modules = [...(options.nitro.modules ?? []), createNitroModule(settings)];
    options.nitro = { ...options.nitro, modules };
  },
  { getMeta: () => Promise.resolve({ name: "workflow", configKey: "workflow" }) },
);
