/** The names that lowered `using` declarations refer to, for engines that lack them. */
import "../dispose-symbols.ts";
import { addMembers } from "./intrinsics.ts";

export function installDisposal(): void {
  if (!("SuppressedError" in globalThis)) addMembers(globalThis, { SuppressedError });
}

/** `error` was thrown while `suppressed` was on its way. */
class SuppressedError extends Error {
  declare error: unknown;
  declare suppressed: unknown;

  constructor(error?: unknown, suppressed?: unknown, message?: unknown) {
    super(message as string | undefined);
    addMembers(this, { error, suppressed });
  }
}
addMembers(SuppressedError.prototype, { name: "SuppressedError", message: "" });
