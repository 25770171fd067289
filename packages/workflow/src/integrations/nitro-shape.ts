/** What of Nitro, of version 2 or 3, the integration uses. Its own types are of one version only. */
export interface Nitro {
  readonly meta?: { readonly majorVersion?: number };
  readonly options: {
    readonly rootDir: string;
    readonly dev: boolean;
    readonly preset: string;
    readonly builder?: string | undefined;
    /** The port of whoever works on the project, where the configuration says it. */
    readonly devServer?: { readonly port?: number };
    /** Where routes are looked for. Layers bring theirs, which may be outside of the root. */
    readonly scanDirs: readonly string[];
    readonly handlers: { readonly route: string; readonly handler: string }[];
    readonly plugins: string[];
    readonly virtual: Record<string, string>;
    /** Version 3: packages that stay outside of the bundle, and are copied beside it. */
    traceDeps?: (string | RegExp)[];
    /** Version 3: packages that go into the bundle. */
    noExternals?: boolean | (string | RegExp)[];
    /** Version 2, where packages stay outside unless something says `inline`; what is a function counts most. */
    externals?: { inline?: Matcher[]; external?: Matcher[]; traceInclude?: string[] };
    /** What the user has written under this name. */
    readonly workflow?: unknown;
  };
  readonly hooks: {
    hook(name: "rollup:before", on: (nitro: unknown, config: BundlerConfig) => void): unknown;
  };
}

type Matcher = string | RegExp | ((id: string) => boolean);

/** Of rollup or Rolldown. */
export interface BundlerConfig {
  plugins?: (object & { readonly name?: string })[];
}

/** Nuxt builds its server with version 2. */
export function isVersion2({ meta }: Pick<Nitro, "meta">): boolean {
  return meta?.majorVersion === 2;
}
