/** How the bundler plugin finds workflows. */
export interface WorkflowPluginOptions {
  /**
   * The folders with workflow and step files, relative to the project's root. Default: the whole project, but what has a
   * name that begins with a dot, `node_modules`, `dist`, `build`, `out`, `coverage`, `public` and `static`.
   */
  readonly dirs?: readonly string[] | undefined;
}

/** What integrations of frameworks decide, and users do not. */
export interface PluginSettings extends WorkflowPluginOptions {
  /** Who imports the server's module: the entries of the build by default, or what the integration adds to it. */
  readonly importedBy?: "entries" | "integration";
  /**
   * By what Vite's own process loads the app's modules in development: its environment `ssr`, or `ssrLoadModule`, which is
   * the default. They do not share the modules that they have loaded, so steps have to come from where the app does.
   */
  readonly development?: "ssrLoadModule" | "environment";
  /** The files are followed as they change, for bundlers that do not say it. */
  readonly isDevelopment?: boolean;
  /** False: the integration has the bundler keep the package `workflow` outside. */
  readonly keepsPackageOutside?: boolean;
  /** Where the project is, when that is not where the bundler runs. Absolute. */
  readonly root?: string;
}
