import { UnavailableInWorkflowContextError } from "../../world/errors.ts";
import { requireNamespace } from "../../world/streams.ts";
import { callingRun } from "./context.ts";

/** A stream of a run as workflow code holds it: it can be handed on and nothing else (contract 09 section 9.4). */
export class RealmWritable {
  readonly runId: string;
  /** Undefined: the default stream. */
  readonly namespace: string | undefined;

  constructor(runId: string, namespace: string | undefined) {
    requireNamespace(namespace);
    this.runId = runId;
    this.namespace = namespace;
  }

  get locked(): never {
    return refuse("locked");
  }

  getWriter(): never {
    return refuse("getWriter");
  }

  close(): never {
    return refuse("close");
  }

  abort(): never {
    return refuse("abort");
  }
}

function refuse(name: string): never {
  throw new UnavailableInWorkflowContextError(`getWritable().${name}`, callingRun().workflowName);
}
