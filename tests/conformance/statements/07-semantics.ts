import type { Chapter } from "../statement.ts";

const NO_QUEUE = "work is not delivered by a queue: a worker owns a run by lease and looks for what is due";
const NO_DEPLOYMENTS = "a World here has no deployments to pin a run to; the run's own code is stored with it";

export const SEMANTICS: Chapter = {
  file: "07",
  title: "execution semantics",
  statements: [
    {
      id: "07-7.1.retries",
      statement: "A step that throws runs again, up to maxRetries times after the first attempt.",
    },
    { id: "07-7.1.default", statement: "Without maxRetries a step has four attempts." },
    { id: "07-7.1.soon", statement: "An ordinary error is retried within a second." },
    { id: "07-7.1.any-value", statement: "What is thrown need not be an Error to be retried." },
    { id: "07-7.1.retryable", statement: "RetryableError is retried at its retryAfter and counts as an attempt." },
    { id: "07-7.1.fatal", statement: "FatalError, and any error with fatal: true, fails the step at once." },
    { id: "07-7.1.abort-error", statement: "An AbortError fails the step at once." },
    { id: "07-7.1.serialization", statement: "A value that cannot be stored fails the step at once." },
    {
      id: "07-7.1.not-registered",
      statement: "A step that the deployed code does not have fails like a FatalError.",
      reason: "its run is put aside until a deployment has the step, so that a mistaken deployment destroys nothing",
    },
    { id: "07-7.1.crash", statement: "A step whose process died runs again with the next attempt number." },
    { id: "07-7.1.crash-policy", statement: "Attempts that ended with their process count toward maxRetries." },
    { id: "07-7.1.world-failure", statement: "A World that fails to record a result costs no attempt." },
    {
      id: "07-7.1.too-early",
      statement: "TooEarlyError of a polling step of the engine asks again later and costs no attempt.",
      reason: "the engine's own steps wait for the World to tell them and do not poll",
    },
    { id: "07-7.1.exhausted", statement: "When attempts run out, step_failed is recorded and the call throws." },
    { id: "07-7.1.zero", statement: "maxRetries 0 is one attempt." },
    { id: "07-7.1.attempt", statement: "getStepMetadata().attempt says which attempt it is; each retry is an event." },
    { id: "07-7.1.once-per-attempt", statement: "Without a crash a body runs once for each attempt." },
    { id: "07-7.1.one-result", statement: "Exactly one result of a step is recorded." },
    { id: "07-7.1.read-late", statement: "maxRetries is read from the function when the step runs." },
    { id: "07-7.1.last-error", statement: "After the last attempt the workflow catches what that attempt threw." },

    { id: "07-7.2.user-error", statement: "Whatever escapes the body fails the run with USER_ERROR." },
    { id: "07-7.2.no-retry", statement: "A failed run is not tried again." },
    {
      id: "07-7.2.sync",
      statement: "A body that throws before its first await fails the run like one that throws later.",
    },

    { id: "07-7.3.race", statement: "A step is bounded in time by racing it against sleep." },
    {
      id: "07-7.3.replay-budget",
      statement: "A replay that takes longer than a budget, three times, fails the run with REPLAY_TIMEOUT.",
      reason: "a turn that does not come to rest in time puts its run aside with the problem WORKFLOW_STUCK",
    },
    {
      id: "07-7.3.inline-loop",
      statement: "A run that is worked on for long is queued again.",
      reason: "there is no invocation with a deadline: a live run stays with its worker",
    },
    { id: "07-7.3.delivery-budget", statement: "A message is delivered at most 48 times.", reason: NO_QUEUE },
    { id: "07-7.3.unlimited", statement: "Runs and sleeps may last as long as they like." },

    { id: "07-7.4.outside", statement: "run.cancel() and the command line cancel alike, with run_cancelled." },
    { id: "07-7.4.pending", statement: "A run can be cancelled before its first turn; none of its code runs then." },
    { id: "07-7.4.running", statement: "A run that waits ends where it waits; no catch or finally of it runs." },
    { id: "07-7.4.in-flight", statement: "Steps that are running finish, and their results are discarded." },
    { id: "07-7.4.signals", statement: "Cancelling a run does not abort its signals." },
    { id: "07-7.4.hooks", statement: "The tokens of a cancelled run are free, except those that are retained." },
    { id: "07-7.4.streams", statement: "The streams of a cancelled run are closed." },
    { id: "07-7.4.sleeps", statement: "The sleeps of a cancelled run have no effect any more." },
    { id: "07-7.4.return-value", statement: "returnValue of a cancelled run rejects with WorkflowRunCancelledError." },
    { id: "07-7.4.children", statement: "Cancelling a run does not cancel the runs that it started." },

    { id: "07-7.5.collected", statement: "What the code asks for before it waits is recorded together." },
    { id: "07-7.5.parallel", statement: "Steps of a Promise.all run at the same time." },
    {
      id: "07-7.5.no-limit",
      statement: "There is no limit to how many steps run at the same time.",
      reason:
        "a worker runs at most 1,000 bodies at a time, or as many as its concurrency says; others wait for a place",
    },
    { id: "07-7.5.losers", statement: "The loser of a race keeps running; its result is recorded and ignored." },
    { id: "07-7.5.not-awaited", statement: "A step that was called and never awaited runs." },
    { id: "07-7.5.sequential", statement: "A step begins only once the result of the awaited one before is durable." },

    { id: "07-7.6.same-operations", statement: "A replay asks for the same operations in the same order." },
    {
      id: "07-7.6.divergence",
      statement: "Code that does not match the history is reported and does not go on.",
    },
    {
      id: "07-7.6.console",
      statement: "console.log of the body prints again at each replay.",
      reason: "replayed lines are left out: a line is printed when the code is at it for the first time",
    },
    { id: "07-7.6.no-thrown-control-flow", statement: "try and catch of the body never see that a run waits." },
    { id: "07-7.6.top-level", statement: "The top level of a workflow's modules runs anew in each instance." },

    {
      id: "07-7.7.once",
      statement: "Each payload is delivered once, in the order of the history, however many they are.",
    },
    { id: "07-7.7.buffered", statement: "Payloads that nobody waits for yet are kept." },
    { id: "07-7.7.after-created", statement: "A payload sent right after the hook is registered is not lost." },
    { id: "07-7.7.before-created", statement: "Before its hook is registered a token is not found." },
    {
      id: "07-7.7.unread",
      statement: "A payload that came before the end of its hook and was not read stays in the history.",
    },
    { id: "07-7.7.ended", statement: "A hook of a run that has ended is not found." },

    { id: "07-7.8.steps", statement: "Steps and sleeps begun and not awaited are recorded before the run ends." },
    {
      id: "07-7.8.hooks",
      statement: "Hooks created or disposed at the end of the body are recorded before the run ends.",
    },
    { id: "07-7.8.attributes", statement: "Attributes set at the end of the body are recorded before the run ends." },
    { id: "07-7.8.abort", statement: "An abort at the end of the body is recorded before the run ends." },
    { id: "07-7.8.throws", statement: "The same holds for a body that throws." },

    { id: "07-7.9.flattened", statement: "A workflow that is called by another is part of the caller's run." },
    { id: "07-7.9.start", statement: "start() in a body makes a run with a history of its own." },
    {
      id: "07-7.9.return-value",
      statement: "returnValue of a child in the body waits for it, and throws its failure.",
    },
    { id: "07-7.9.no-slot", statement: "Waiting for another run takes no place from steps." },
    { id: "07-7.9.handshake", statement: "A child can resume a hook of its parent from a step." },
    { id: "07-7.9.recursion", statement: "A workflow can start itself and return." },
    { id: "07-7.9.lineage", statement: "A child has the attributes $parentRunId and $rootRunId." },
    { id: "07-7.9.independent", statement: "A child goes on when its parent has ended." },

    { id: "07-7.10.step-id", statement: "stepId is the same for every attempt of a step." },
    { id: "07-7.10.owner", statement: "Of the runs that want one token one has it, and getConflict() says so." },
    {
      id: "07-7.10.resume-or-start",
      statement: "Resuming a run or starting it can be done by retrying, and in one call.",
    },
    { id: "07-7.10.retention", statement: "A retained token stays reserved when its run has ended." },
    { id: "07-7.10.strategies", statement: "A run in conflict can wait for, cancel or ask the owner." },

    {
      id: "07-7.11.pinned",
      statement: "A run keeps the workflow code that it was started with, after a restart and a deploy too.",
    },
    {
      id: "07-7.11.affinity",
      statement: "A delivery that reaches another deployment is passed on.",
      reason: NO_DEPLOYMENTS,
    },
    {
      id: "07-7.11.no-deployments",
      statement: "Where there are no deployments, changed code under running runs is the user's affair.",
      reason: "the workflow code of a run is stored with it; its steps are the deployed ones",
    },
    { id: "07-7.11.ids", statement: "Workflows and steps are known by file and function name, also after a deploy." },
    {
      id: "07-7.11.old-runs",
      statement: "Runs of an earlier major version stay on their deployment.",
      reason: "there is no earlier major version of this engine; runs that its own earlier versions recorded replay",
    },

    {
      id: "07-7.12.retention-zero",
      statement: "experimental_retention 0 deletes the user data of a run that has ended.",
    },
    { id: "07-7.12.expired", statement: "returnValue of a run whose data is deleted rejects with RunExpiredError." },
    { id: "07-7.12.kept", statement: "Ids, times, statuses, names and attributes are kept." },
    { id: "07-7.12.other-values", statement: "Any other retention keeps the data." },

    {
      id: "07-7.13.seed",
      statement: "What is random in a run comes from its own seed, whenever and wherever it runs.",
    },
    {
      id: "07-7.13.one-sequence",
      statement: "Steps, hooks, waits and attributes draw ids from one sequence.",
      reason: "ids are drawn per kind and name, so that an unrelated change does not shift them",
    },
    {
      id: "07-7.13.one-at-a-time",
      statement: "Recorded events reach the code one at a time, and what follows from one is done before the next.",
    },
    { id: "07-7.13.clock", statement: "The clock of the body moves with delivered events only." },
    { id: "07-7.13.sandbox", statement: "Nothing of the host's event loop reaches the sandbox." },

    {
      id: "07-7.14.start",
      statement: "Of a start() that died before it returned there is a run or there is none; it runs at most once.",
    },
    { id: "07-7.14.step", statement: "A process that dies in a step body costs that step an attempt." },
    { id: "07-7.14.result", statement: "A step whose result was not recorded when the process died runs again." },
    { id: "07-7.14.replay", statement: "A death during a replay shows nowhere." },
    { id: "07-7.14.hook", statement: "A payload that was written when the process died is delivered." },
    { id: "07-7.14.wait", statement: "A sleep that was over when the process died completes afterwards, once." },
    { id: "07-7.14.stream", statement: "A stream that was an argument ends where its process died." },
    { id: "07-7.14.handler", statement: "A lifecycle handler that a death interrupts is not called again." },

    { id: "07-7.15.step-result", statement: "A result is recorded once, and is durable before the code goes on." },
    { id: "07-7.15.step-body", statement: "A step body runs at least once." },
    { id: "07-7.15.start", statement: "A start() that resolved makes one run, and that run executes." },
    { id: "07-7.15.payload", statement: "A payload that was accepted is delivered exactly once." },
    { id: "07-7.15.sleep", statement: "A sleep ends at or after its time, once." },
    { id: "07-7.15.attributes", statement: "Of writes to one attribute the last in the history counts." },
    {
      id: "07-7.15.chunks",
      statement: "Chunks of one writer keep their order; an attempt that is repeated may repeat them.",
    },
    { id: "07-7.15.cancellation", statement: "A cancellation takes effect where the run next waits." },
    { id: "07-7.15.terminal", statement: "A run ends once, and its end does not change." },

    { id: "07-7.16.winner", statement: "A race is won by whoever comes first in the history, also at a replay." },
    { id: "07-7.16.late-loser", statement: "What a loser comes to later is ignored." },
    {
      id: "07-7.16.between",
      statement: "Two results that came while nobody looked arrive in the order of the history.",
    },
    { id: "07-7.16.rejections", statement: "A step that lost a race and fails does not fail the run." },
    {
      id: "07-7.16.sleep-or-hook",
      statement: "Of a sleep and a payload that are both there the first in the history wins.",
    },

    {
      id: "07-7.17",
      statement: "A run that was started in one environment is refused by another.",
      reason: "the environments of a hosting platform; here whoever shares the data shares the runs",
    },

    { id: "07-7.18.1", statement: "Killed in step 2 of 3: step 1 does not run again, step 2 has attempt 2." },
    { id: "07-7.18.2", statement: "Twenty thousand steps in a row pass." },
    { id: "07-7.18.3", statement: "Fifty steps of a Promise.all overlap, and their results keep their places." },
    {
      id: "07-7.18.4",
      statement: "A workflow catches a step that failed four times and compensates in reverse order.",
    },
    {
      id: "07-7.18.5",
      statement: "Cancelled in a long step: it finishes, the next one never starts, the hooks are free.",
    },
    { id: "07-7.18.6", statement: "abort() as the last statement reaches a step that is running." },
    { id: "07-7.18.7", statement: "What follows a sleep of thirty days has the same local variables." },
    { id: "07-7.18.8", statement: "Of ten runs with one token exactly one gets null from getConflict()." },
    { id: "07-7.18.9", statement: "A pinned run is not executed by another deployment.", reason: NO_DEPLOYMENTS },
    { id: "07-7.18.10", statement: "A step that returns what cannot be stored fails once and can be caught." },
  ],
};
