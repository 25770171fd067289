export { workflowPlugin } from "./integrations/sveltekit.ts";
export type { SvelteKitOptions } from "./integrations/sveltekit.ts";
