import { walk, type ParsedModule } from "./ast.ts";

export interface Names {
  /** A name that nothing in the module has, the wished one if it is free. Never the same twice. */
  unique(wish: string): string;
}

export function createNames({ program }: ParsedModule): Names {
  const taken = new Set<string>();
  walk(program, (node) => {
    if (node.type === "Identifier" || node.type === "JSXIdentifier") taken.add(node.name);
  });
  return {
    unique(wish) {
      let name = wish;
      for (let suffix = 2; taken.has(name); suffix += 1) name = `${wish}_${suffix}`;
      taken.add(name);
      return name;
    },
  };
}
