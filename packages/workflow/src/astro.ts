export { workflow as default } from "./integrations/astro.ts";
export type { AstroOptions } from "./integrations/astro.ts";
