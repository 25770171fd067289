import type { Project } from "./project.ts";
import type { Starter } from "./starter.ts";

/** What makes an app of one framework durable. */
export interface Plan {
  readonly edits: readonly Edit[];
  readonly starter: Starter;
  /** What only the user can see to. */
  readonly notes: readonly string[];
  /** Where the routes answer in development, if they are mounted. */
  readonly address?: string;
  /** What to type to start the app. */
  readonly start: string;
}

/** A file of the user's that has to say something more. */
export interface Edit {
  readonly path: string;
  readonly outcome: Outcome;
}

export type Outcome =
  /** It says so already. */
  | { readonly status: "done" }
  | { readonly status: "edited"; readonly text: string }
  /** It is not as such files usually are; nothing of it is changed. */
  | { readonly status: "by-hand"; readonly why: string; readonly add: string };

export interface Framework {
  /** As `--framework` takes it. */
  readonly name: string;
  readonly title: string;
  /** Any of these in `package.json` says that the app is built on it. */
  readonly packages: readonly string[];
  /** The beginning of the name of its config file, which says the same. */
  readonly config?: string;
  /** Frameworks that are found too in an app of this one, and are a part of it. */
  readonly contains: readonly string[];
  plan(project: Project): Plan;
}

/** What apps of larger frameworks are built or served with. */
export const PARTS: readonly string[] = ["vite", "nitro", "hono", "express", "fastify"];
