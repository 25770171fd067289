// Writes the version of the package where its own code can name it, also once a bundler has moved that code.
import { readFileSync, writeFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const target = new URL("../src/world/version.generated.ts", import.meta.url);
writeFileSync(target, `export const VERSION: string = ${JSON.stringify(version)};\n`);
