/** The plugins of a Vite config, once it is resolved. */
type Plugins = readonly { readonly name: string }[];

/** Whether Nitro makes the server. */
export function hasNitro(plugins: Plugins): boolean {
  return plugins.some(({ name }) => name.startsWith("nitro:"));
}

/** Whether TanStack Start makes the app. */
export function hasTanStackStart(plugins: Plugins): boolean {
  return plugins.some(({ name }) => name.startsWith("tanstack-start"));
}
