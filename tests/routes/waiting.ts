import { createHook } from "workflow";

/** Returns whatever comes for the token. */
export async function waiting(token: string): Promise<unknown> {
  "use workflow";
  return createHook<unknown>({ token });
}
