import type { Chapter } from "../statement.ts";

export const API: Chapter = {
  file: "02",
  title: "workflow/api",
  statements: [
    { id: "02-2.0.exports", statement: "workflow/api exports the functions and types that programs import." },
    {
      id: "02-2.0.run-step",
      statement: "runStep is exported.",
      reason: "was removed from the API in version 5",
    },
    {
      id: "02-2.0.sandbox",
      statement: "getRun, resumeHook, resumeWebhook, getHookByToken and registerLifecycleHooks throw in a body.",
    },
    { id: "02-2.0.in-steps", statement: "All functions of workflow/api may be called in steps." },

    { id: "02-2.1.arguments", statement: "The second argument of start() is a list of arguments or the options." },
    { id: "02-2.1.reference", statement: "start() takes a workflow function or { workflowId }." },
    {
      id: "02-2.1.deployment",
      statement: "deploymentId is accepted; 'latest' warns once where there are no deployments.",
    },
    { id: "02-2.1.world", statement: "world names the World that gets the run." },
    {
      id: "02-2.1.spec-version",
      statement: "specVersion names the protocol of the run; a newer one than is installed is refused.",
    },
    { id: "02-2.1.region", statement: "region is a hint that Worlds without regions ignore." },
    { id: "02-2.1.attributes", statement: "attributes are seeded at the start, within the limits of setAttributes." },
    { id: "02-2.1.reserved", statement: "allowReservedAttributes permits keys that begin with $." },
    { id: "02-2.1.retention", statement: "experimental_retention takes 0 or 'default', and nothing else." },
    { id: "02-2.1.replayed-from", statement: "replayedFromRunId is recorded, and must be the id of a run." },
    { id: "02-2.1.namespace", statement: "namespace, which names queues, is accepted where there are none." },
    { id: "02-2.1.accepted", statement: "start() resolves when the run is durable, and does not wait for it to run." },
    { id: "02-2.1.id", statement: "Each call makes a new run, with an id of wrun_ and a ULID." },
    {
      id: "02-2.1.resilient",
      statement: "A start whose creation failed is made up for at the first delivery.",
      reason: "there is no queue beside the storage: a run is stored when start() resolves, and is not when it rejects",
    },
    { id: "02-2.1.by-value", statement: "Arguments are copied at the call." },
    { id: "02-2.1.not-serializable", statement: "Arguments that cannot be stored reject, and no run is created." },
    {
      id: "02-2.1.streams",
      statement: "A stream that is an argument is read in the background by the caller's process.",
    },
    { id: "02-2.1.invalid", statement: "What is no workflow is refused with what to check." },
    {
      id: "02-2.1.trace",
      statement: "The caller's trace context goes with the run.",
      reason: "no tracing is built in",
    },
    {
      id: "02-2.1.environment",
      statement: "A run of another environment is refused.",
      reason: "the environments of a hosting platform; here whoever shares the data shares the runs",
    },
    {
      id: "02-2.1.lineage",
      statement: "A run that is started within a run has $parentRunId and $rootRunId; others have neither.",
    },
    { id: "02-2.1.in-body", statement: "start() in a body is recorded like a step, and gives a Run that works." },

    { id: "02-2.2.lazy", statement: "getRun reads nothing and never throws; a run that does not exist shows on use." },

    { id: "02-2.3.run-id", statement: "runId is there at once." },
    { id: "02-2.3.status", statement: "status is read afresh at each access." },
    { id: "02-2.3.return-value", statement: "returnValue waits for the end and comes to what the run came to." },
    { id: "02-2.3.exists", statement: "exists is false for a run that is not there." },
    { id: "02-2.3.facts", statement: "workflowName, createdAt, startedAt and completedAt say what is known." },
    {
      id: "02-2.3.cancel",
      statement: "cancel() ends the run; again it is nothing; after another end it is a conflict.",
    },
    { id: "02-2.3.cancel-reason", statement: "cancelReason is kept, and has at most 512 characters." },
    { id: "02-2.3.wake-up", statement: "wakeUp() ends pending sleeps and says how many; correlationIds choose them." },
    { id: "02-2.3.readable", statement: "readable and getReadable() read the streams of the run." },
    { id: "02-2.3.writable", statement: "writable and getWritable() append to the streams of the run." },
    { id: "02-2.3.serde", statement: "A Run can be an argument, a result and a payload." },
    {
      id: "02-2.3.no-polling",
      statement: "Waiting for a run is told of its end and does not poll where it can be told.",
    },
    { id: "02-2.3.getters", statement: "Getters are lazy and give a new promise at each access." },

    { id: "02-2.4.durable", statement: "When resumeHook resolves, the payload is durable and the run will get it." },
    { id: "02-2.4.not-found", statement: "HookNotFoundError means that nothing was written." },
    { id: "02-2.4.disposed", statement: "A hook that was disposed, or whose run has ended, is not found." },
    { id: "02-2.4.ambiguous", statement: "After any other error the payload may be there; it is there at most once." },
    { id: "02-2.4.again", statement: "Calling again is a second payload, unless both have one key." },
    {
      id: "02-2.4.conflict",
      statement: "A conflict of writers is reported as an error that may be tried again.",
      reason: "writers of one World stand in line; there is no conflict to report",
    },
    { id: "02-2.4.retained", statement: "A retained hook of a run that has ended is not resumed." },
    { id: "02-2.4.by-object", statement: "A hook that was looked up can be resumed by the object." },
    { id: "02-2.4.resumed-hook", statement: "resumeHook resolves to the hook." },
    { id: "02-2.4.context", statement: "resumeHook works in steps and throws in a body." },
    { id: "02-2.4.serialization", statement: "A payload that cannot be stored rejects, and nothing is written." },
    { id: "02-2.4.order", statement: "Payloads of one caller arrive in the order of its calls." },

    { id: "02-2.5.response", statement: "resumeWebhook gives 202, the static response or the one of a step." },
    { id: "02-2.5.unknown", statement: "An unknown token is a HookNotFoundError." },
    { id: "02-2.5.not-a-webhook", statement: "A hook that is no webhook cannot be reached by the public endpoint." },
    { id: "02-2.5.durable", statement: "A request that was answered with 202 is durable." },

    {
      id: "02-2.6.lookup",
      statement: "getHookByToken finds an active hook by one read; a missing one is HookNotFoundError.",
    },
    { id: "02-2.6.retained", statement: "It also finds retained hooks of runs that have ended." },
    { id: "02-2.6.fields", statement: "A hook says its run, id, token, owner, project, environment and time." },
    { id: "02-2.6.metadata", statement: "metadata is a promise, revived once, and not in spreads or JSON." },

    {
      id: "02-2.7.registration",
      statement: "Several registrations are told in order; the returned function ends one.",
    },
    { id: "02-2.7.where", statement: "Handlers run in the process that ended the run, and not for cancellations." },
    {
      id: "02-2.7.at-most-once",
      statement: "An end is told at most once; what handlers throw is printed and stops nobody.",
    },
    {
      id: "02-2.7.cause",
      statement: "error.cause is what was thrown; where it cannot be read, an Error that says so.",
    },
    { id: "02-2.7.no-read", statement: "workflowName and run.runId are there without a read." },
    { id: "02-2.7.engine-failures", statement: "Failures that never reach user code are told as well." },

    {
      id: "02-2.8",
      statement: "Helpers of the command line and the web UI: bulk cancellation, recreation, re-enqueueing.",
      reason: "stated by internal types only; the command line here uses the World",
    },

    { id: "02-2.9.1", statement: "start() resolves while nobody works on runs; the status is pending." },
    { id: "02-2.9.2", statement: "getRun of an unknown id: exists is false, status rejects." },
    { id: "02-2.9.3", statement: "returnValue of a failed run has runId, errorCode USER_ERROR and the cause." },
    { id: "02-2.9.4", statement: "cancel() and then returnValue: WorkflowRunCancelledError." },
    { id: "02-2.9.5", statement: "wakeUp() of two sleeps is 2, of one by id 1, of none 0." },
    { id: "02-2.9.6", statement: "A resume before the hook is not found; retrying helps." },
    { id: "02-2.9.7", statement: "Two resumes are two payloads, in order." },
    { id: "02-2.9.8", statement: "A spread of a hook has no metadata; awaiting it twice revives it once." },
    { id: "02-2.9.9", statement: "start() in a body: a replay creates no second child." },
    { id: "02-2.9.10", statement: "A child carries $parentRunId and $rootRunId." },
    { id: "02-2.9.11", statement: "start() with a function as argument rejects and creates no run." },
    { id: "02-2.9.12", statement: "deploymentId 'latest' warns once and runs." },
  ],
};
