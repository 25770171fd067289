import { constants, createContext, Script } from "node:vm";
import { WorkflowRuntimeError } from "../world/errors.ts";
import type { EventType, StoredEvent } from "../world/events.ts";
import type { StoredCode } from "../world/world.ts";
import type { Command, Instance, RunIdentity } from "./boundary.ts";
import { createBridge } from "./bridge.ts";
import { PRELUDE } from "./prelude.generated.ts";
import type { CommandHeader } from "./realm/emit.ts";
import { bundleName, userPosition, userStack, WRAPPER } from "./positions.ts";
import type { Prelude } from "./realm/prelude.ts";

/** The sandbox of one code hash, shared by all its live runs. */
export interface Realm {
  readonly codeHash: string;
  instantiate(identity: RunIdentity, options?: InstanceOptions): Instance;
  /** Whether a promise was made by code in this realm. */
  owns(promise: unknown): boolean;
  /** A stack trace of code in this realm, in terms of the user's files. */
  userStack(stack: string): string;
}

export interface RealmOptions {
  /** How long workflow code may run live without becoming idle, in milliseconds. */
  readonly timeLimitMs: number;
  /** What workflow code printed, and in which run. Not called while replaying. */
  readonly onLog: (runId: string, level: string, text: string) => void;
}

export interface InstanceOptions {
  /** Commands say where they were asked for; slower. Default false. */
  readonly tracing?: boolean;
  /** Called when the run was forgotten. */
  readonly onDispose?: () => void;
}

const drain = new Script("0", { filename: "workflow-turn.js" });

export function createRealm(code: StoredCode, options: RealmOptions): Realm {
  const context = createContext(constants.DONT_CONTEXTIFY as unknown as object, { microtaskMode: "afterEvaluate" });
  const entry = { runId: "", replaying: false, deadline: 0 };
  const bridge = createBridge({
    onLog(level, text) {
      if (!entry.replaying) options.onLog(entry.runId, level, text);
    },
    isOverdue: () => !entry.replaying && performance.now() > entry.deadline,
    userStack: (stack) => userStack(stack, code),
  });
  const prelude = evaluatePrelude(context)(bridge, evaluateBundle(context, code));
  const promisePrototype = new Script("Promise.prototype").runInContext(context) as object;
  let nextKey = 1;

  return {
    codeHash: code.hash,
    owns: (promise) =>
      typeof promise === "object" && promise !== null && Object.getPrototypeOf(promise) === promisePrototype,
    userStack: (stack) => userStack(stack, code),
    instantiate(identity, { tracing = false, onDispose = () => {} } = {}) {
      const key = nextKey++;
      prelude.open(key, JSON.stringify({ ...identity, tracing }));
      // All of one shape: with a getter, each object literal is a class of its own to V8, which is slow to make and to use.
      const instance: { -readonly [K in keyof Instance]: Instance[K] } = {
        cleanupMs: undefined,
        enter(event, replaying) {
          entry.runId = identity.runId;
          entry.replaying = replaying;
          entry.deadline = performance.now() + options.timeLimitMs;
          stage(prelude, key, event);
          drain.runInContext(context);
          prelude.leave();
          return takeCommands(prelude, key, {
            onCancellable: (ms) => (instance.cleanupMs = ms),
            stuck: (stack) => stuckError(identity, options.timeLimitMs, userPosition(stack, code)),
          });
        },
        dispose() {
          prelude.close(key);
          onDispose();
        },
      };
      return instance;
    },
  };
}

function evaluatePrelude(context: object): NonNullable<{ prelude: (...parts: unknown[]) => Prelude }["prelude"]> {
  // Strict, or workflow code could walk from `caller` to `arguments` and reach the host.
  const factory = new Script(`(function (exports) {"use strict";${PRELUDE}\n;return exports.prelude; })`, {
    filename: "workflow-prelude.js",
  }).runInContext(context) as (exports: object) => (...parts: unknown[]) => Prelude;
  const realmObject = new Script("({})").runInContext(context) as object;
  return factory(realmObject);
}

function evaluateBundle(context: object, code: StoredCode): unknown {
  return new Script(`${WRAPPER}${code.source}\n})`, {
    filename: bundleName(code.hash),
  }).runInContext(context);
}

/** Events whose data workflow code, or the realm, looks at. */
const TELLING: ReadonlySet<EventType> = new Set(["cancel_requested", "hook_conflict", "run_started", "step_failed"]);

function stage(prelude: Prelude, key: number, event: StoredEvent): void {
  prelude.enter(
    key,
    event.type,
    event.correlationId ?? "",
    event.at,
    event.position,
    event.payload ?? "",
    TELLING.has(event.type) ? JSON.stringify(event.data) : "",
  );
}

function stuckError(identity: RunIdentity, limitMs: number, position: string | undefined): WorkflowRuntimeError {
  const where = position === undefined ? "" : ` at ${position}`;
  return new WorkflowRuntimeError(
    `Workflow code of run ${identity.runId} (${identity.workflowName}) was stopped${where}: it ran for more than ` +
      `${limitMs} ms without waiting for anything. Is there an endless loop? Long computations belong into a step`,
    { code: "WORKFLOW_STUCK" },
  );
}

interface Notes {
  readonly onCancellable: (cleanupMs: number) => void;
  readonly stuck: (stack: string) => Error;
}

function takeCommands(prelude: Prelude, key: number, { onCancellable, stuck }: Notes): readonly Command[] {
  const commands: Command[] = [];
  for (let text = prelude.take(key); text !== ""; text = prelude.take(key)) {
    const { hasPayload, ...header } = JSON.parse(text) as CommandHeader;
    if (header.type === "stuck") throw stuck(header.stack ?? "");
    if (header.type === "cancellable") onCancellable(header.cleanupMs ?? 0);
    else commands.push(toCommand(header, hasPayload ? prelude.take(key) : undefined));
  }
  return commands;
}

function toCommand(header: Omit<CommandHeader, "hasPayload">, payload: string | undefined): Command {
  switch (header.type) {
    case "step":
      return { ...header, input: payload } as Command;
    case "hook":
      return { ...header, ...(payload !== undefined && { metadata: payload }) } as Command;
    case "complete":
      return { ...header, output: payload } as Command;
    case "fail":
      return { ...header, error: payload } as Command;
    case "abort":
      return { ...header, reason: payload } as Command;
    case "continue":
      return { ...header, input: payload } as Command;
    default:
      return header as Command;
  }
}
