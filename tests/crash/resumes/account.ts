import { isDeepStrictEqual } from "node:util";
import { type Received, receivedBy, type Sent, textsIn } from "../../support/acceptance.ts";
import type { Dump, StoredRun } from "../dump.ts";
import type { Line } from "../evidence.ts";

/** What was sent and not refused. Lines of evidence stand in the order in which they were written. */
export function sentIn(evidence: readonly Line[], { runs }: Dump): readonly Sent[] {
  const runOf = new Map(runs.map((run) => [tokenOf(run), run.runId]));
  const sent = new Map<string, Sent>();
  for (const [index, line] of evidence.entries()) {
    if (!("call" in line) || line.call !== "resume") continue;
    const { payload, token } = line;
    const before = sent.get(payload);
    if (line.event === "refused") sent.delete(payload);
    else if (line.event === "ack" && before !== undefined) sent.set(payload, { ...before, answeredAt: index });
    else if (before === undefined) sent.set(payload, { payload, runId: runOf.get(token), askedAt: index });
  }
  return [...sent.values()];
}

export function receivedIn({ runs }: Dump): readonly Received[] {
  return runs.flatMap(({ runId, history }) => receivedBy(runId, history));
}

/** Whether each run returned what its history says that it got. */
export function collectionViolations({ runs }: Dump): readonly string[] {
  return runs.flatMap(({ runId, history }) => {
    const delivered = receivedBy(runId, history).filter(({ undelivered }) => !undelivered);
    const payloads = delivered.map(({ payload }) => payload);
    const returned = textsIn(history.at(-1)?.payload);
    return isDeepStrictEqual(returned, payloads)
      ? []
      : [`${runId} returned ${String(returned)}, and got ${String(payloads)}`];
  });
}

function tokenOf({ history }: StoredRun): string | undefined {
  const created = history.find((event) => event.type === "hook_created");
  return created?.data.token;
}
