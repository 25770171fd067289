import type { InputOptions, OutputChunk, OutputOptions } from "rolldown";
import { ENTRY, realmPlugin, type RealmBuild } from "./realm-plugin.ts";
import { RESOLVE } from "./resolving.ts";
import { failuresIn, type RolldownFailure } from "./rolldown-errors.ts";

export type BundlerOutcome =
  | { readonly type: "bundled"; readonly chunk: OutputChunk }
  | { readonly type: "failed"; readonly failures: readonly RolldownFailure[] };

const INPUT: InputOptions = {
  input: ENTRY,
  platform: "neutral",
  logLevel: "silent",
  transform: { target: "es2022" },
  treeshake: {
    moduleSideEffects: "no-external",
    propertyReadSideEffects: false,
    unknownGlobalSideEffects: false,
  },
  resolve: RESOLVE,
  // Comments with the names of modules would put paths into the text.
  experimental: { attachDebugInfo: "none" },
};

const OUTPUT: OutputOptions = {
  format: "cjs",
  strict: true,
  codeSplitting: false,
  comments: false,
  sourcemap: "hidden",
  generatedCode: { profilerNames: false },
};

/** One pass of the bundler, in memory. */
export async function runRolldown(build: RealmBuild): Promise<BundlerOutcome> {
  // Loading the bundler takes longer than most builds; an app that only resumes runs never needs it.
  const { rolldown } = await import("rolldown");
  const bundler = await rolldown({ ...INPUT, cwd: build.root, plugins: [realmPlugin(build)] });
  try {
    const { output } = await bundler.generate({ ...OUTPUT, dir: build.root });
    return { type: "bundled", chunk: output[0] };
  } catch (error) {
    const failures = failuresIn(error);
    if (failures === undefined) throw error;
    return { type: "failed", failures };
  } finally {
    await bundler.close();
  }
}
