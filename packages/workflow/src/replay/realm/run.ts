import { UnavailableInWorkflowContextError } from "../../world/errors.ts";

/** A run as workflow code holds it: it can be passed on, but looking at it is a step's work. */
export class RealmRun {
  readonly runId: string;

  constructor(runId: string) {
    this.runId = runId;
    Object.defineProperty(this, Symbol.for("workflow.run"), { value: true });
  }

  static {
    const refused = ["status", "returnValue", "exists", "workflowName", "createdAt", "startedAt", "completedAt"];
    for (const name of refused) {
      Object.defineProperty(RealmRun.prototype, name, {
        get(): never {
          throw new UnavailableInWorkflowContextError(`Run.${name}`);
        },
      });
    }
    for (const name of ["cancel", "wakeUp"]) {
      Object.defineProperty(RealmRun.prototype, name, {
        value(): never {
          throw new UnavailableInWorkflowContextError(`Run.${name}`);
        },
      });
    }
  }
}
