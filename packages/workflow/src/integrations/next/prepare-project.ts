import { dirname, join } from "node:path";
import { findProjectRoot } from "../../build/project-root.ts";
import { dependenciesWithWorkflow } from "../../plugin/libraries.ts";
import { composeConfig } from "./compose-config.ts";
import { conventionFolder, PAGE_EXTENSIONS, withExtension } from "./conventions.ts";
import { generatedFiles, SERVER_FILE } from "./generated-files.ts";
import { ensureInstrumentation } from "./instrumentation.ts";
import type { NextConfig } from "./next-config.ts";
import { specifierFrom } from "./specifiers.ts";
import type { WithWorkflowOptions } from "./with-workflow.ts";
import { writeFolder } from "./write-folder.ts";

/** In the folder of the conventions. Everything generated is there, since Turbopack has no modules that are no files. */
const GENERATED = "app/.well-known/workflow/v1";

/** Inherited by the processes of a build, which load the config again. */
const PREPARED = "WORKFLOW_NEXT_PREPARED";

/** Writes the files that the build needs beside the user's, and says in the config what is to be done with them. */
export async function prepareProject(
  config: NextConfig,
  isDevelopment: boolean,
  { local, sourcemap = true }: NonNullable<WithWorkflowOptions["workflows"]>,
): Promise<NextConfig> {
  const root = findProjectRoot(process.cwd());
  const { pageExtensions = PAGE_EXTENSIONS, basePath = "" } = config;
  const conventions = conventionFolder(root);
  const folder = join(conventions, GENERATED);
  const instrumentation = ensureInstrumentation(conventions, root, pageExtensions);
  if (process.env[PREPARED] !== root) {
    const routeFile = withExtension("route", root, pageExtensions);
    const project = { root, folder, isDevelopment, routeFile, basePath, port: local?.port };
    writeFolder(folder, await generatedFiles(project));
    // The server of `next dev` starts anew when the config is edited.
    if (!isDevelopment) process.env[PREPARED] = root;
  }
  return composeConfig(config, {
    libraries: dependenciesWithWorkflow(root).flatMap(({ name }) => name ?? []),
    sourcemap,
    loader: { root, instrumentation, server: specifierFrom(dirname(instrumentation), join(folder, SERVER_FILE)) },
  });
}
