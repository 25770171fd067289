import { registeredClasses } from "../compiler/registration.ts";
import { classesIn } from "../serialization/serialize.ts";
import type { Payload } from "../world/events.ts";
import { currentDeployment } from "./deployment.ts";

/**
 * Has the deployed code register the classes of a stored value: whoever revives it need not have imported them. Which
 * cannot be found is said when the value is revived. Undefined when there is nothing to wait for.
 */
export function loadClasses(payload: Payload | undefined): Promise<void> | undefined {
  const unknown =
    payload === undefined ? [] : classesIn(payload).filter((classId) => !registeredClasses().has(classId));
  return unknown.length === 0 ? undefined : load(unknown);
}

async function load(classIds: readonly string[]): Promise<void> {
  for (const classId of classIds) {
    // One module may register several.
    if (!registeredClasses().has(classId)) await currentDeployment()?.loadClass(classId);
  }
}
