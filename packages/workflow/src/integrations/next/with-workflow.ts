export interface WithWorkflowOptions {
  readonly workflows?: {
    readonly local?: {
      /** The port in the addresses of webhooks. Default: the one that the server listens on. */
      readonly port?: number;
    };
    /** Default true: with `--enable-source-maps`, errors of steps name lines of the source files in builds too. */
    readonly sourcemap?: boolean;
    /** Accepted and without effect: dependencies that list `workflow` themselves are always looked at. */
    readonly discoverWorkflowsInNodeModules?: boolean;
  };
}

/** A config, or the function of Next.js that makes it. */
export type ConfigOrFunction<Config, Context> =
  | Config
  | ((phase: string, context: Context) => Config | Promise<Config>);

const DEVELOPMENT = "phase-development-server";
const BUILD = "phase-production-build";

/**
 * Makes a config of Next.js one with workflows: directives are compiled, and the server executes runs from its start on
 * and answers the addresses of webhooks. For Turbopack and webpack, in `next dev` and `next build`.
 * @throws (the function that it returns) `WorkflowBuildError`
 */
export function withWorkflow<Config extends object, Context = unknown>(
  config: ConfigOrFunction<Config, Context>,
  { workflows = {} }: WithWorkflowOptions = {},
): (phase: string, context: Context) => Promise<Config> {
  return async (phase, context) => {
    const given = typeof config === "function" ? await config(phase, context) : config;
    if (phase !== DEVELOPMENT && phase !== BUILD) return given;
    // A server that was built does without the compiler.
    const { prepareProject } = await import("./prepare-project.ts");
    return (await prepareProject(given, phase === DEVELOPMENT, workflows)) as Config;
  };
}
