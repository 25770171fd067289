// Bundles the part of the engine that lives inside the realm into one script, as text.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const entry = fileURLToPath(new URL("../src/replay/realm/prelude.ts", import.meta.url));
const target = fileURLToPath(new URL("../src/replay/prelude.generated.ts", import.meta.url));

const bundle = await rolldown({
  input: entry,
  platform: "neutral",
  // The package says that its modules have no side effects; those of the prelude are there for them.
  treeshake: { moduleSideEffects: () => true },
  transform: { target: "es2022" },
  resolve: { mainFields: ["module", "main"], conditionNames: ["import", "default"] },
  onLog(level, log) {
    if (level === "warn") throw new Error(log.message);
  },
});
const { output } = await bundle.generate({ format: "cjs", codeSplitting: false, comments: false, keepNames: true });
await bundle.close();
const [{ code, imports }] = output;
if (imports.length > 0) throw new Error(`The realm's prelude imports ${imports.join(", ")}`);
writeFileSync(target, `export const PRELUDE: string = ${JSON.stringify(code)};\n`);
