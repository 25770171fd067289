import { REALM_MODULES } from "../replay/surface.ts";
import type { MissingName } from "./missing-names.ts";

const PREFIX = "\0workflow:";

/** The id of the virtual module that stands for one of this package's own modules. */
export function realmModuleId(specifier: string): string | undefined {
  return Object.hasOwn(REALM_MODULES, specifier) ? PREFIX + specifier : undefined;
}

/** The code of the virtual module: the values come from the realm's prelude. */
export function realmModuleCode(id: string, missing: readonly MissingName[]): string | undefined {
  const specifier = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : undefined;
  const names = specifier === undefined ? undefined : REALM_MODULES[specifier];
  if (specifier === undefined || names === undefined) return undefined;
  const source = `__workflow.modules[${JSON.stringify(specifier)}]`;
  return [
    ...names.map((name) => `export const ${name} = ${source}.${name};`),
    ...missing
      .filter((entry) => entry.specifier === specifier)
      .map(
        ({ name, token }, index) =>
          `const missing${index} = ${source}["${token}"];\nexport { missing${index} as ${name} };`,
      ),
  ].join("\n");
}

/** The module of this package that a virtual module stands for. */
export function specifierOfRealmModule(id: string | undefined): string | undefined {
  return id?.startsWith(PREFIX) === true ? id.slice(PREFIX.length) : undefined;
}
