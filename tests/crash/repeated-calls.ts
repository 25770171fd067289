import { resumeHook, resumeOrStart, start, type WorkflowFunction } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { note } from "./evidence.ts";
import { until } from "./until.ts";

/** Calls that are made anew each time a scenario is told, whatever is done already: their keys say that it is. */
export interface RepeatedCalls {
  /** Starts a run, with a key. */
  startOnce<Args extends unknown[]>(
    workflow: WorkflowFunction<Args, unknown>,
    args: Args,
    idempotencyKey: string,
  ): Promise<string>;
  /** Resumes a hook as soon as it is there, with the payload as the key. */
  resumeOnce(token: string, payload: string): Promise<void>;
  /** Resumes a hook that may not be there yet, with the payload as the key. */
  resumeEarly(token: string, payload: string): Promise<void>;
  /** Resumes the run that has the token or starts one, with the payload as the key. Says which run it is. */
  resumeOrStart<Args extends unknown[]>(
    token: string,
    payload: string,
    workflow: WorkflowFunction<Args, unknown>,
    args: Args,
  ): Promise<string>;
}

export function createRepeatedCalls(onAck: () => void): RepeatedCalls {
  const resuming = async <T>(token: string, payload: string, call: () => Promise<T>): Promise<T> => {
    const about = { call: "resume", token, payload, pid: process.pid } as const;
    note({ event: "ask", ...about });
    const answer = await call();
    note({ event: "ack", ...about });
    onAck();
    return answer;
  };
  return {
    async startOnce(workflow, args, idempotencyKey) {
      const about = { call: "start", pid: process.pid } as const;
      note({ event: "ask", ...about });
      const { runId } = await start(workflow, args, { idempotencyKey });
      note({ event: "ack", ...about, runId });
      onAck();
      return runId;
    },
    async resumeOnce(token, payload) {
      const resume = async (): Promise<object | undefined> => {
        try {
          return await resumeHook(token, payload, { idempotencyKey: payload });
        } catch (error) {
          if (HookNotFoundError.is(error)) return undefined;
          throw error;
        }
      };
      await resuming(token, payload, () => until(`no hook has the token ${token}`, resume));
    },
    async resumeEarly(token, payload) {
      await resuming(token, payload, () => resumeHook(token, payload, { hold: "1h", idempotencyKey: payload }));
    },
    async resumeOrStart(token, payload, workflow, args) {
      const call = () => resumeOrStart(token, payload, workflow, args, { idempotencyKey: payload });
      const { run } = await resuming(token, payload, call);
      return run.runId;
    },
  };
}
