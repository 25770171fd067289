import { changesIn, type SetAttributesOptions, sizeFault } from "../../world/attributes.ts";
import { FatalError } from "../../world/errors.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { emit } from "./emit.ts";
import { drawId } from "./identity.ts";

/**
 * Resolves at once: what is asked for enters the history before anything that the code asks for later. Whether the run
 * may have so many attributes is for the host to say, which knows also those that steps wrote.
 */
export function createSetAttributes(
  bridge: Bridge,
): (attributes: unknown, options?: SetAttributesOptions) => Promise<void> {
  return async (attributes, options = {}) => {
    const run = callingRun();
    const asked = changesIn(attributes, options);
    if (asked.kind === "refused") throw fatal(asked.why);
    const { changes } = asked;
    if (changes.length === 0) return;
    const allowed = options.allowReservedAttributes === true ? ({ allowReservedAttributes: true } as const) : {};
    const why = sizeFault({ changes, writer: { type: "workflow" }, ...allowed });
    if (why !== undefined) throw fatal(why);
    emit(run, { type: "attributes", id: drawId(bridge, run, "attributes", ""), changes, ...allowed });
  };
}

function fatal(why: string): FatalError {
  return new FatalError(`setAttributes(): ${why}`);
}
