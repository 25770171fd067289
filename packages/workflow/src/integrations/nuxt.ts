import type { NitroModuleOptions } from "./nitro-options.ts";
import { createNitroModule, type NitroModule } from "./nitro.ts";

/** What of Nuxt the module uses. */
interface Nuxt {
  readonly options: {
    nitro: { modules?: unknown[] };
    /** What the user has written under this name. */
    readonly workflow?: unknown;
  };
}

/** A module of Nuxt, as it takes them: a function that can say what it is. */
export interface NuxtModule {
  (inlineOptions: NitroModuleOptions | undefined, nuxt: unknown): void;
  getMeta(): Promise<{ readonly name: string; readonly configKey: string }>;
}

/** The module for `modules: ["workflow/nuxt"]`; its options stand under `workflow` in Nuxt's configuration. */
export const nuxtModule: NuxtModule = Object.assign(
  (inlineOptions: NitroModuleOptions | undefined, given: unknown): void => {
    const { options } = given as Nuxt;
    const settings = { ...(options.workflow as NitroModuleOptions | undefined), ...inlineOptions };
    const module: NitroModule = createNitroModule(settings);
    options.nitro = { ...options.nitro, modules: [...(options.nitro.modules ?? []), module] };
  },
  { getMeta: () => Promise.resolve({ name: "workflow", configKey: "workflow" }) },
);
