import { registeredSteps } from "../../compiler/registration.ts";
import { type NextProject, RELOAD } from "./project.ts";

/**
 * How the server of `next dev` is asked for steps as their files are now: by a request, since Next.js looks at what was
 * edited when it is asked for something. What it has generated calls this; apps do not.
 */
export function stepReloader(project: NextProject): () => Promise<void> {
  const known = new Set<string>();
  return async () => {
    const names = [...registeredSteps().keys()];
    // A route of the app has loaded steps of files that may be new: from now on they are followed too.
    if (names.some((name) => !known.has(name)) && (await writeAgain(project))) {
      for (const name of names) known.add(name);
    }
    const path = `${project.basePath}/.well-known/workflow/v1/webhook/${RELOAD}`;
    const { ok } = await fetch(`${process.env["__NEXT_PRIVATE_ORIGIN"]}${path}`, { method: "POST" });
    // A file may have gone. The next request finds it out of the way.
    if (!ok) await writeAgain(project);
  };
}

/** Whether that could be done: what is wrong with a file is printed by Next.js. */
async function writeAgain(project: NextProject): Promise<boolean> {
  const { generatedFiles } = await import("./generated-files.ts");
  const { writeFolder } = await import("./write-folder.ts");
  try {
    writeFolder(project.folder, await generatedFiles(project));
    return true;
  } catch {
    return false;
  }
}
