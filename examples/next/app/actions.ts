"use server";

import { resumeHook, start } from "workflow/api";
import { processOrder } from "@/workflows/order";

export async function placeOrder(item: string, amount: number) {
  const { runId } = await start(processOrder, [item, amount]);
  return runId;
}

export async function approveRequest(token: string, approved: boolean) {
  try {
    const result = await resumeHook(token, { approved });
    return result.runId;
  } catch {
    throw new Error("Invalid approval token");
  }
}
