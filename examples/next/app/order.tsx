"use client";

import { useState, useTransition } from "react";
import { approveRequest, placeOrder } from "./actions";

/** Two buttons, and a line that says how it went. */
export function Order() {
  const [isPending, startTransition] = useTransition();
  const [runId, setRunId] = useState<string>();
  const [status, setStatus] = useState("No order yet");

  const place = () =>
    startTransition(async () => {
      const id = await placeOrder("lamp", 12.5);
      setRunId(id);
      setStatus(`${id} waits for approval`);
    });
  const decide = (approved: boolean) =>
    startTransition(async () => {
      try {
        const id = await approveRequest(`order:${runId}`, approved);
        setStatus(`${id} is ${approved ? "approved" : "rejected"}`);
      } catch {
        setStatus("Nobody waits for this approval");
      }
    });

  return (
    <section>
      <button onClick={place} disabled={isPending}>
        Order
      </button>
      <button onClick={() => decide(true)} disabled={isPending || runId === undefined}>
        Approve
      </button>
      <button onClick={() => decide(false)} disabled={isPending || runId === undefined}>
        Reject
      </button>
      <output>{status}</output>
    </section>
  );
}
