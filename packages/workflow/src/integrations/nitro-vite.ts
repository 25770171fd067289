import type { Plugin } from "vite";
import { findProjectRoot } from "../build/project-root.ts";
import { type NitroModule, prepareServer } from "./nitro.ts";
import type { Nitro } from "./nitro-shape.ts";

/** What Nitro finds among the plugins of Vite, when it is one of them itself: then it makes the server. */
export function nitro(): Plugin & { readonly nitro: NitroModule } {
  return {
    name: "workflow:nitro",
    nitro: {
      name: "workflow",
      setup(given) {
        const builder = given as Nitro;
        prepareServer(builder, findProjectRoot(builder.options.rootDir));
      },
    },
  };
}
