import { registeredClasses } from "../compiler/registration.ts";
import { classesIn } from "../serialization/serialize.ts";
import type { Payload } from "../world/events.ts";
import { currentDeployment } from "./deployment.ts";

/**
 * Has the deployed code register the classes of a stored value: whoever revives it need not have imported them. Which
 * cannot be found is said when the value is revived.
 */
export async function loadClasses(payload: Payload | undefined): Promise<void> {
  for (const classId of payload === undefined ? [] : classesIn(payload)) {
    if (!registeredClasses().has(classId)) await currentDeployment()?.loadClass(classId);
  }
}
