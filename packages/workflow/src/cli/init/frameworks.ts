import { astro } from "./frameworks/astro.ts";
import { nest } from "./frameworks/nest.ts";
import { next } from "./frameworks/next.ts";
import { nitro } from "./frameworks/nitro.ts";
import { node } from "./frameworks/node.ts";
import { nuxt } from "./frameworks/nuxt.ts";
import { reactRouter } from "./frameworks/react-router.ts";
import { servers } from "./frameworks/servers.ts";
import { sveltekit } from "./frameworks/sveltekit.ts";
import { tanstackStart } from "./frameworks/tanstack-start.ts";
import { vite } from "./frameworks/vite.ts";
import type { Framework } from "./plan.ts";

/** What is taken when nothing else is found. */
export const WITHOUT: Framework = node;

export const FRAMEWORKS: readonly Framework[] = [
  next,
  nuxt,
  nitro,
  sveltekit,
  astro,
  reactRouter,
  tanstackStart,
  nest,
  vite,
  ...servers,
  node,
];
