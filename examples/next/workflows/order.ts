import {
  createHook,
  createWebhook,
  getStepMetadata,
  getWorkflowMetadata,
  getWritable,
  type RequestWithResponse,
} from "workflow";

/** What becomes of an order. What was not approved is neither charged nor collected. */
export interface Outcome {
  readonly item: string;
  readonly amount: number;
  readonly approved: boolean;
  readonly chargedOnAttempt?: number;
  readonly carrier?: string;
}

/** A line of the stream that the app shows to whoever follows the order. */
export interface Progress {
  readonly now: "waiting for approval" | "charging" | "waiting for a carrier" | "collected";
  readonly attempt?: number;
  readonly webhook?: string;
}

/** Waits for somebody's approval, charges the customer, and has a carrier collect the goods. */
export async function processOrder(item: string, amount: number): Promise<Outcome> {
  "use workflow";

  // The app resumes the run by this token: resumeHook(`order:${runId}`, { approved: true }).
  const { workflowRunId } = getWorkflowMetadata();
  const approval = createHook<{ approved: boolean }>({ token: `order:${workflowRunId}` });
  await tell({ now: "waiting for approval" });
  const { approved } = await approval;
  if (!approved) return { item, amount, approved };

  const chargedOnAttempt = await charge(amount);

  // Whoever sends a request to this URL collects the goods. They may take a month to do it.
  const collection = createWebhook({ respondWith: "manual" });
  await tell({ now: "waiting for a carrier", webhook: collection.url });
  const carrier = await handOver(await collection, item);
  return { item, amount, approved, chargedOnAttempt, carrier };
}

/** Fails on its first attempt, to show that a step that throws is tried again. */
async function charge(amount: number): Promise<number> {
  "use step";
  const { attempt, stepId } = getStepMetadata();
  await write({ now: "charging", attempt });
  if (attempt === 1) throw new Error("The bank does not answer");
  // A real one would give the bank the stepId, by which it knows the payment again: it is the same in each attempt.
  console.log(`payment ${stepId} of ${amount}`);
  return attempt;
}

/** Answers the request of the carrier, who waits for it. */
async function handOver(request: RequestWithResponse, item: string): Promise<string> {
  "use step";
  const carrier = await request.text();
  await request.respondWith(new Response(`${carrier} collects: ${item}\n`, { status: 201 }));
  await write({ now: "collected" });
  return carrier;
}

async function tell(progress: Progress): Promise<void> {
  "use step";
  await write(progress);
}

/** Appends to the stream of the run that the current step belongs to. */
async function write(progress: Progress): Promise<void> {
  const writer = getWritable<Progress>().getWriter();
  await writer.write(progress);
  writer.releaseLock();
}
