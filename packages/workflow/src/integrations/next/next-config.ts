/** What of a config of Next.js is looked at or added to. */
export interface NextConfig {
  readonly basePath?: string;
  readonly pageExtensions?: readonly string[];
  readonly serverExternalPackages?: readonly string[];
  readonly transpilePackages?: readonly string[];
  readonly turbopack?: { readonly rules?: TurbopackRules };
  readonly webpack?: ((config: WebpackConfig, context: WebpackContext) => unknown) | null;
  readonly logging?: false | { readonly incomingRequests?: boolean | { readonly ignore?: readonly RegExp[] } };
  readonly experimental?: object;
}

export type TurbopackRules = Readonly<Record<string, unknown>>;

export interface WebpackConfig {
  readonly module: { readonly rules: unknown[] };
}

export interface WebpackContext {
  readonly nextRuntime?: "nodejs" | "edge";
}
