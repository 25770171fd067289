import { withoutExtension } from "./source-files.ts";

export type Choice =
  | { readonly type: "none" }
  | { readonly type: "one"; readonly file: string }
  | { readonly type: "several"; readonly files: readonly string[] };

/** TypeScript's rule for the name of its output. */
const OUTPUT_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  ".ts": [".js"],
  ".tsx": [".js", ".jsx"],
  ".mts": [".mjs"],
  ".cts": [".cjs"],
};

/** Which of the files that define the same id is meant: build output beside its TypeScript source does not count. */
export function chooseSource(files: readonly string[]): Choice {
  const sources = withoutOutputs(files);
  const [first] = sources;
  if (first === undefined) return { type: "none" };
  return sources.length === 1 ? { type: "one", file: first } : { type: "several", files: sources };
}

/** The files that are not build output beside their source, each once, sorted. */
export function withoutOutputs(files: readonly string[]): readonly string[] {
  const outputs = new Set(files.flatMap(outputsOf));
  return [...new Set(files)].filter((file) => !outputs.has(file)).toSorted();
}

function outputsOf(file: string): readonly string[] {
  const base = withoutExtension(file);
  return (OUTPUT_EXTENSIONS[file.slice(base.length)] ?? []).map((extension) => base + extension);
}
