import type { Hook, Problem, Step, WorkflowRun } from "../../world/entities.ts";
import { type PendingWait, pendingWaits } from "../../api/pending-waits.ts";
import { isEnded } from "../../world/reduce.ts";
import type { World } from "../../world/world.ts";
import { type Answer, itemLines, type Kind, ownPayloads } from "../answer.ts";
import { markRun, markStep } from "../expired.ts";
import { fieldLines } from "../fields.ts";
import type { Flags } from "../flags.ts";
import { payloadFields, payloadsAsJson } from "../payloads.ts";
import { exactTime, relativeTime } from "../relative-time.ts";
import { statusStyle } from "../status-style.ts";
import type { Terminal } from "../terminal.ts";

const STEPS: Kind<Step> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "STEP ID", text: (step) => step.stepId },
    { title: "STATUS", text: (step) => step.status, style: (step) => statusStyle(step.status) },
    { title: "ATTEMPT", text: (step) => String(step.attempt) },
    { title: "STARTED", text: (step) => relativeTime(step.startedAt, now) },
    { title: "ENDED", text: (step) => relativeTime(step.completedAt, now) },
    { title: "NEXT TRY", text: (step) => relativeTime(step.retryAfter, now) },
    { title: "STEP", text: (step) => step.stepName, keep: "end" },
  ],
};

const HOOKS: Kind<Hook> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "HOOK ID", text: (hook) => hook.hookId },
    { title: "CREATED", text: (hook) => relativeTime(hook.createdAt, now) },
    { title: "TOKEN", text: (hook) => hook.token, keep: "start" },
  ],
};

const WAITS: Kind<PendingWait> = {
  ...ownPayloads,
  columns: (now) => [
    { title: "WAIT ID", text: (wait) => wait.waitId },
    { title: "UNTIL", text: (wait) => exactTime(wait.resumeAt, now) ?? "" },
  ],
};

/** The run, its latest steps in the order of their creation, and what it waits for. */
export async function readRun(world: World, flags: Flags, runId: string): Promise<Answer> {
  const resolveData = flags.withData ? "all" : "none";
  const options = { runId, resolveData, pagination: { limit: flags.limit, sortOrder: "desc" } } as const;
  const found = await world.runs.get(runId, { resolveData });
  const run = flags.withData ? markRun(found) : found;
  const steps = await world.steps.list(options);
  const hooks = await world.hooks.list(options);
  const waits = isEnded(run) ? [] : await pendingWaits(world, runId);
  const now = world.clock.now();
  const section = <T>(title: string, items: readonly T[], kind: Kind<T>, terminal: Terminal): string[] =>
    items.length === 0 ? [] : ["", terminal.paint("bold", title), ...itemLines(items, kind, now, terminal)];
  const isMarked = flags.withData && run.expiredAt !== undefined;
  const inOrder = isMarked ? steps.data.map(markStep).toReversed() : steps.data.toReversed();
  const latest = (hasMore: boolean, what: string): string => (hasMore ? `The latest ${flags.limit} ${what}` : what);
  return {
    json: {
      ...payloadsAsJson(run),
      steps: inOrder.map(STEPS.json),
      hooks: hooks.data.map(HOOKS.json),
      waits,
      hasMore: { steps: steps.hasMore, hooks: hooks.hasMore },
    },
    lines: (terminal) => [
      ...runLines(run, flags, now, terminal),
      ...section(latest(steps.hasMore, "steps"), inOrder, STEPS, terminal),
      ...section(latest(hooks.hasMore, "active hooks"), hooks.data, HOOKS, terminal),
      ...section("pending waits", waits, WAITS, terminal),
    ],
  };
}

/** The engine's own messages have their code in them. */
function problemText({ code, message }: Problem): string {
  return message.includes(code) ? message : `${message} (${code})`;
}

function runLines(run: WorkflowRun, { withData }: Flags, now: number, { paint }: Terminal): string[] {
  const attributes = Object.entries(run.attributes).map(([name, value]) => `${name}=${value}`);
  const { problem, errorCode } = run;
  return fieldLines(
    [
      ["run", run.runId],
      ["workflow", run.workflowName],
      ["status", run.status],
      ["problem", problem && problemText(problem)],
      ["failure", errorCode && `${errorCode}${withData ? "" : " (--withData shows the error)"}`],
      ["reason", run.cancelReason],
      ["created", exactTime(run.createdAt, now)],
      ["started", exactTime(run.startedAt, now)],
      ["ended", exactTime(run.completedAt, now)],
      ["data until", exactTime(run.expiredAt, now)],
      ["code", run.deploymentId],
      ["attributes", attributes.length === 0 ? undefined : attributes.join("\n")],
      ...payloadFields(run),
    ],
    paint,
  );
}
