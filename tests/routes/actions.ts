"use server";

import { resumeHook } from "workflow/api";

/** A server action: called like a function, runs on the server. */
export async function confirmBooking(token: string, confirmed: boolean): Promise<string> {
  try {
    const hook = await resumeHook(token, { confirmed });
    return hook.runId;
  } catch {
    throw new Error("This booking is not waiting for confirmation");
  }
}
