import { getWorkflowMetadata, sleep } from "workflow";

export async function sleeps(): Promise<number[]> {
  "use workflow";
  const times = [Date.now()];
  await sleep(10);
  times.push(Date.now());
  await sleep(new Date(Date.now() + 10));
  times.push(Date.now());
  await Promise.all([sleep("20ms"), sleep("5ms"), sleep(0)]);
  times.push(Date.now());
  return times;
}

export async function woken(): Promise<number> {
  "use workflow";
  await Promise.all([sleep("1 day"), sleep("2 days")]);
  return Date.now();
}

/** Everything that a run must see again as it saw it first. */
export async function chance(): Promise<unknown> {
  "use workflow";
  const drawn: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    drawn.push(Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(8)));
    drawn.push(Date.now(), new Date(), new Date().getTimezoneOffset(), performance.now());
    drawn.push(await toss());
  }
  const { workflowRunId, workflowName, workflowStartedAt } = getWorkflowMetadata();
  return { drawn, workflowRunId, workflowName, workflowStartedAt, text: new Date(0).toLocaleString() };
}

async function toss(): Promise<boolean> {
  "use step";
  return true;
}
