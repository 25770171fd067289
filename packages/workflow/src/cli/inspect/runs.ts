import type { WorkflowRun } from "../../world/entities.ts";
import type { World } from "../../world/world.ts";
import { type Answer, type Kind, listOptions, ownPayloads, pageAnswer } from "../answer.ts";
import { markRun } from "../expired.ts";
import type { Flags } from "../flags.ts";
import { relativeTime } from "../relative-time.ts";
import { statusStyle } from "../status-style.ts";

const RUNS: Kind<WorkflowRun> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "RUN ID", text: (run) => run.runId },
    { title: "STATUS", text: (run) => run.status, style: (run) => statusStyle(run.status) },
    { title: "CREATED", text: (run) => relativeTime(run.createdAt, now) },
    { title: "ENDED", text: (run) => relativeTime(run.completedAt, now) },
    { title: "WORKFLOW", text: (run) => run.workflowName, keep: "end" },
    { title: "WHY", text: (run) => reasonOf(run), style: reasonStyle, keep: "start" },
  ],
};

export async function readRuns(world: World, flags: Flags): Promise<Answer> {
  const { workflowName, status, attribute: attributes } = flags;
  const page = await world.runs.list({
    ...listOptions(flags),
    ...(workflowName !== undefined && { workflowName }),
    ...(status !== undefined && { status }),
    ...(attributes !== undefined && { attributes }),
  });
  const shown = flags.withData ? { ...page, data: page.data.map(markRun) } : page;
  return pageAnswer(shown, RUNS, world.clock.now(), workflowName === undefined ? "No runs" : noRunsOf(workflowName));
}

function noRunsOf(workflowName: string): string {
  return `No runs of ${workflowName}. A workflow is named in full, as the list of all runs shows it`;
}

/** Why it stands still, failed or was cancelled. */
function reasonOf({ problem, errorCode, cancelReason }: WorkflowRun): string {
  return problem?.code ?? errorCode ?? cancelReason ?? "";
}

function reasonStyle({ problem }: WorkflowRun): "red" | undefined {
  return problem === undefined ? undefined : "red";
}
