/** What the generated files of a project depend on. */
export interface NextProject {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** Where generated files are; absolute. */
  readonly folder: string;
  readonly isDevelopment: boolean;
  /** By this name Next.js knows a route: `route.ts`. */
  readonly routeFile: string;
  /** What all paths of the app begin with: nothing, or `/docs`. */
  readonly basePath: string;
  /** Of the addresses of webhooks, where it is not the one that the server listens on. */
  readonly port?: number | undefined;
}

/** In place of a token: asks `next dev` for the steps as their files are now. No token is so short. */
export const RELOAD = "steps";
