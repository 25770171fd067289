/** What one use of the plugin knows; which bundler it is shows on the way. */
export interface Project {
  /** Absolute, without symbolic links. */
  root: string;
  /** The files are followed as they change, instead of built once. */
  isDevelopment: boolean;
}
