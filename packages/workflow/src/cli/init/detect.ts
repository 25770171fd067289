import type { Framework } from "./plan.ts";
import { dependsOn, firstFile, type Project } from "./project.ts";

export interface Finding {
  readonly framework: Framework;
  /** What says so. */
  readonly because: string;
}

const EXTENSIONS = ["ts", "mts", "js", "mjs", "cjs", "cts"];

/** Every framework that the app may be built on; more than one when it is not clear which. */
export function detect(frameworks: readonly Framework[], project: Project): Finding[] {
  const found = frameworks.flatMap((framework): Finding[] => {
    const because = evidenceOf(framework, project);
    return because === undefined ? [] : [{ framework, because }];
  });
  return found.filter(({ framework: { name } }) => !found.some(({ framework }) => framework.contains.includes(name)));
}

function evidenceOf({ packages, config }: Framework, project: Project): string | undefined {
  const dependency = packages.find((name) => dependsOn(project.manifest, name));
  if (dependency !== undefined) return `package.json names ${dependency}`;
  const file = config === undefined ? undefined : firstFile(project, configNames(config));
  return file === undefined ? undefined : `there is ${file}`;
}

/** `next.config` is `next.config.ts` and so on. */
export function configNames(beginning: string): string[] {
  return EXTENSIONS.map((extension) => `${beginning}.${extension}`);
}
