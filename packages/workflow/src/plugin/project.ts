/** What one use of the plugin knows; which bundler it is shows on the way. */
export interface Project {
  /** Absolute, without symbolic links. */
  root: string;
  /** The files are followed as they change, instead of built once. */
  isDevelopment: boolean;
  /** Nitro makes the server, and runs it while somebody works on the project. Its server imports the server's module. */
  hasNitro: boolean;
  /** Of the development server, where the app is in another thread. */
  port?: number;
}
