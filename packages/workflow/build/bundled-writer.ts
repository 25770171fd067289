// A plugin of vitest: under test, the writer's thread starts from one file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import type { Plugin } from "vitest/config";

const THREAD = fileURLToPath(new URL("../src/local/writer-thread.ts", import.meta.url));
const WRITER = /\/src\/local\/writer\.ts$/;

/** Where `writer.ts` says which file the thread is. */
const NAMED = `? "./writer-thread.ts"`;

/**
 * Tests open a World more than a thousand times, and each has a thread of its own. Node would strip the types of all
 * its sources for each, which takes several times as long as all else. The bundle is made anew in every run of the
 * tests, and when a source of it changes meanwhile, so that it is never older than the sources.
 */
export function bundledWriter(): Plugin {
  let bundled: Bundled | undefined;
  return {
    name: "bundled-writer",
    enforce: "pre",
    // What is kept between runs of the tests would name the file of an earlier one.
    configureVitest: ({ defineCacheKeyGenerator }) =>
      defineCacheKeyGenerator(({ id }) => (WRITER.test(id) ? false : undefined)),
    transform: {
      filter: { id: WRITER },
      async handler(code) {
        if (!code.includes(NAMED)) throw new Error(`writer.ts does not have ${NAMED}, which tests replace`);
        bundled ??= await bundleThread(newDirectory());
        const file = pathToFileURL(join(bundled.directory, ENTRY)).href;
        return { code: code.replace(NAMED, `? ${JSON.stringify(file)}`), map: null };
      },
    },
    async watchChange(id) {
      if (bundled?.sources.includes(id) === true) bundled = await bundleThread(bundled.directory);
    },
  };
}

interface Bundled {
  readonly directory: string;
  readonly sources: readonly string[];
}

const ENTRY = "writer-thread.mjs";

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "workflow-writer-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function bundleThread(directory: string): Promise<Bundled> {
  const bundle = await rolldown({ input: THREAD, platform: "node" });
  await bundle.write({ file: join(directory, ENTRY), format: "esm", codeSplitting: false });
  const sources = await bundle.watchFiles;
  await bundle.close();
  return { directory, sources };
}
