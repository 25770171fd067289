import type { Chapter } from "../statement.ts";

const NO_DEPLOYMENTS = "a World here has no deployments";
const NO_QUEUE = "work is not delivered by a queue";
const NO_LIMIT = "a run may have any number of events: what a step costs does not grow with them";

export const ERRORS: Chapter = {
  file: "03",
  title: "errors",
  statements: [
    { id: "03-3.1.exports", statement: "workflow/errors exports every class that programs may look for." },
    { id: "03-3.1.hierarchy", statement: "The classes extend each other as documented." },

    { id: "03-3.2.by-name", statement: "Every class has a static is() that goes by name, across realms and copies." },
    { id: "03-3.2.exact", statement: "is() of a base class does not match its subclasses; instanceof does." },
    { id: "03-3.2.fatal", statement: "FatalError.is matches any error with fatal: true." },
    { id: "03-3.2.revived", statement: "In workflow code an error of a step has the class that it was thrown with." },

    { id: "03-3.3.WorkflowError", statement: "WorkflowError may have a cause." },
    { id: "03-3.3.WorkflowRunFailedError", statement: "WorkflowRunFailedError has runId, cause and errorCode." },
    { id: "03-3.3.WorkflowRunCancelledError", statement: "WorkflowRunCancelledError has runId." },
    { id: "03-3.3.WorkflowRunNotCompletedError", statement: "WorkflowRunNotCompletedError has runId and status." },
    {
      id: "03-3.3.WorkflowRunNotFoundError",
      statement: "Use of a run that does not exist is a WorkflowRunNotFoundError with runId.",
    },
    { id: "03-3.3.WorkflowRuntimeError", statement: "A start() of what is no workflow is a WorkflowRuntimeError." },
    { id: "03-3.3.StepNotRegisteredError", statement: "A missing step is reported by name." },
    {
      id: "03-3.3.StepNotRegisteredError-catchable",
      statement: "A missing step can be caught in the body.",
      reason: "its run is put aside until a deployment has the step",
    },
    {
      id: "03-3.3.WorkflowNotRegisteredError",
      statement: "A workflow that its code does not have fails the run with RUNTIME_ERROR and names it.",
    },
    { id: "03-3.3.HookNotFoundError", statement: "HookNotFoundError has the token that nobody has." },
    { id: "03-3.3.HookConflictError", statement: "HookConflictError has the token and the run that has it." },
    { id: "03-3.3.RunNotSupportedError", statement: "RunNotSupportedError has both versions of the protocol." },
    { id: "03-3.3.RunExpiredError", statement: "RunExpiredError says which run, its status and when it expired." },
    {
      id: "03-3.3.EntityConflictError",
      statement: "A change that is not possible any more is an EntityConflictError.",
    },
    { id: "03-3.3.TooEarlyError", statement: "TooEarlyError may have retryAfter, in seconds." },
    { id: "03-3.3.ThrottleError", statement: "ThrottleError may have retryAfter, in seconds." },
    { id: "03-3.3.PreconditionFailedError", statement: "PreconditionFailedError may have retryAfter, in seconds." },
    { id: "03-3.3.WorkflowWorldError", statement: "A World refuses an argument with INVALID_ARGUMENT and its field." },
    { id: "03-3.3.StreamError", statement: "A stream that cannot be read or written is a StreamError." },
    { id: "03-3.3.StreamExpiredError", statement: "A stream that is past its retention is a StreamExpiredError." },
    { id: "03-3.3.SerializationError", statement: "SerializationError is fatal and has a hint." },
    { id: "03-3.3.WorkflowBuildError", statement: "A project that cannot be built is a WorkflowBuildError." },
    {
      id: "03-3.3.CorruptedEventLogError",
      statement: "A history that cannot be replayed is a CorruptedEventLogError.",
      reason: "one writer per run makes such histories impossible; damaged data is a WorkflowRuntimeError of its run",
    },
    { id: "03-3.3.ReplayDivergenceError", statement: "A replay that cannot follow the history names the event." },
    {
      id: "03-3.3.MaxEventsExceededError",
      statement: "A run at the limit of events fails, with count and limit.",
      reason: NO_LIMIT,
    },
    {
      id: "03-3.3.RuntimeDecryptionError",
      statement: "A payload that cannot be decrypted says operation, length and format.",
    },
    {
      id: "03-3.3.WorkflowDeploymentMismatchError",
      statement: "A delivery that keeps reaching the wrong deployment has an error of its own.",
      reason: NO_DEPLOYMENTS,
    },

    { id: "03-3.4.fatal", statement: "Errors about the place of a call are fatal, plain text and name the function." },
    { id: "03-3.4.workflow-only", statement: "sleep, createHook and createWebhook outside a workflow say so." },
    { id: "03-3.4.step-only", statement: "getStepMetadata outside a step says so." },
    { id: "03-3.4.either", statement: "getWorkflowMetadata outside both says so." },
    { id: "03-3.4.host-only", statement: "Host functions in a workflow body name themselves and the workflow." },
    { id: "03-3.4.stack", statement: "The stack of such an error points to the user's call." },

    { id: "03-3.5.USER_ERROR", statement: "What the body throws is USER_ERROR, with everything it did not catch." },
    { id: "03-3.5.RUNTIME_ERROR", statement: "A workflow that is not registered is RUNTIME_ERROR." },
    {
      id: "03-3.5.CORRUPTED_EVENT_LOG",
      statement: "A divergence that persists fails the run.",
      reason: "the run is put aside with its problem, and the right code brings it home",
    },
    {
      id: "03-3.5.REPLAY_DIVERGENCE",
      statement: "A single divergence is a reason to try again.",
      reason: "replay is deterministic here: the run is put aside with its problem, and the right code brings it home",
    },
    { id: "03-3.5.MAX_DELIVERIES_EXCEEDED", statement: "A message is delivered at most 48 times.", reason: NO_QUEUE },
    {
      id: "03-3.5.MAX_EVENTS_EXCEEDED",
      statement: "A run at the limit of events is MAX_EVENTS_EXCEEDED.",
      reason: NO_LIMIT,
    },
    {
      id: "03-3.5.REPLAY_TIMEOUT",
      statement: "A replay beyond its budget, three times, is REPLAY_TIMEOUT.",
      reason: "code that does not come to rest puts its run aside with the problem WORKFLOW_STUCK",
    },
    {
      id: "03-3.5.WORLD_CONTRACT_ERROR",
      statement: "An answer of the World that breaks the contract fails the run.",
      reason: "the worker asks again until the World answers right; no run is lost for it",
    },
    {
      id: "03-3.5.STREAM_ERROR",
      statement: "A failure of the stream storage is STREAM_ERROR.",
      reason:
        "a failure of a stream is one of the step that reads or writes it: tried again like any, and USER_ERROR when nobody catches it",
    },
    {
      id: "03-3.5.DEPLOYMENT_MISMATCH",
      statement: "The wrong deployment is DEPLOYMENT_MISMATCH.",
      reason: NO_DEPLOYMENTS,
    },
    { id: "03-3.5.shown", statement: "The command line shows the error code of a failed run." },
    {
      id: "03-3.5.location",
      statement: "The code is errorCode of the error that returnValue rejects with.",
    },
    { id: "03-3.5.transient", statement: "A World that fails for a while does not fail runs." },
    {
      id: "03-3.5.attribution",
      statement: "Displays tell errors of the user from those of the engine.",
      reason: "errorCode is shown as it is: USER_ERROR is the user's, every other code the engine's",
    },

    {
      id: "03-3.6.node-module",
      statement: "Importing a Node module in workflow code is refused, with its name and a way out.",
    },
    { id: "03-3.6.fetch", statement: "Global fetch in workflow code says what to use." },
    { id: "03-3.6.timeout", statement: "Timers in workflow code say to use sleep." },
    { id: "03-3.6.abort-timeout", statement: "AbortSignal.timeout in workflow code says what to use." },
    {
      id: "03-3.6.serialization",
      statement: "A value that cannot be stored is named by boundary and path, with a hint.",
    },
    { id: "03-3.6.start-invalid", statement: "start() of what is no workflow says what to check." },
    { id: "03-3.6.respond-with", statement: "A wrong respondWith is named with its value." },
    { id: "03-3.6.not-answered", statement: "A webhook whose run does not answer says so." },
    { id: "03-3.6.hook-conflict", statement: "A taken token is named." },
    { id: "03-3.6.not-registered", statement: "A missing step or workflow is named." },
    {
      id: "03-3.6.corrupted",
      statement: "A corrupted history is reported with counts of recovery replays.",
      reason: "there are no recovery replays; a divergence is reported with event, expected, found and source position",
    },
    {
      id: "03-3.6.divergence",
      statement: "A divergence is reported with the event, what was expected and what was found.",
    },
    { id: "03-3.6.decryption", statement: "A failed decryption is reported with operation, length and format." },
    { id: "03-3.6.deployment", statement: "A wrong deployment is reported with both ids.", reason: NO_DEPLOYMENTS },
    { id: "03-3.6.run-expired", statement: "An expired run is reported with its id, status and time." },
    { id: "03-3.6.pages", statement: "Every error code has a page that says what happened and what to do." },
    {
      id: "03-3.6.step-repeated",
      statement: "A page explains why a step may begin several times.",
      reason: "not an error; the guide says that a step whose process died runs again",
    },

    { id: "03-3.7.chain", statement: "A failed run is shown with its chain of causes, one per line." },
    {
      id: "03-3.7.unreadable",
      statement: "A cause that cannot be read does not keep the failure from being recorded.",
    },

    {
      id: "03-A.1",
      statement: "A FatalError of a step, caught in the body: is() is true, one attempt, the run can complete.",
    },
    {
      id: "03-A.2",
      statement: "An Error that the body does not catch is the cause of WorkflowRunFailedError, with errorCode.",
    },
    {
      id: "03-A.3",
      statement: "A body that throws a text, an object or nothing fails its run with that as the cause.",
    },
    { id: "03-A.4", statement: "returnValue of a cancelled run is never a WorkflowRunFailedError." },
    {
      id: "03-A.5",
      statement: "is() of a base class refuses a subclass, and takes a plain object with the right name.",
    },
  ],
};
