// Both sides of the wall, with the same classes on each.
import { createRealm, type Realm } from "../../packages/workflow/src/replay/create-realm.ts";
import {
  BOUND,
  CLASS_ID,
  CLOSURE_VARS,
  deserialize,
  serialize,
  type Handles,
} from "../../packages/workflow/src/serialization/serialize.ts";
import { SerializationError } from "../../packages/workflow/src/world/errors.ts";
import { WorkflowRuntimeError } from "workflow/errors";
import type { StoredEvent } from "workflow/world";

const NAME = "workflow//./fuzz//pass";
const WRITE = Symbol.for("workflow-serialize");
const READ = Symbol.for("workflow-deserialize");

export class Box {
  readonly inside: unknown;
  constructor(inside: unknown) {
    this.inside = inside;
  }
  static [WRITE](box: Box): unknown {
    return { inside: box.inside };
  }
  static [READ](data: { readonly inside: unknown }): Box {
    return new Box(data.inside);
  }
}
export class Declined extends Error {}

const CLASSES: ReadonlyMap<string, object> = new Map<string, object>([
  ["class//./fuzz//Box", Box],
  ["class//./fuzz//Declined", Declined],
]);
for (const [id, type] of CLASSES) Object.defineProperty(type, CLASS_ID, { value: id });

const SOURCE = `
  class Box {
    constructor(inside) { this.inside = inside; }
    static [Symbol.for("workflow-serialize")]({ inside }) { return { inside }; }
    static [Symbol.for("workflow-deserialize")]({ inside }) { return new Box(inside); }
  }
  class Declined extends Error {}
  __workflow.class("class//./fuzz//Box", Box, true);
  __workflow.class("class//./fuzz//Declined", Declined);
  __workflow.workflow(${JSON.stringify(NAME)}, async (value) => [value]);
`;

/** How often a function that was revived was called. */
export const calls: { count: number } = { count: 0 };

const handles: Handles = {
  step: (stepId, vars, bound) => reference({ stepId, [CLOSURE_VARS]: () => vars, ...(bound && { [BOUND]: bound }) }),
  workflow: (workflowId) => reference({ workflowId }),
  run: (runId) => ({ runId }),
  class: (classId) => CLASSES.get(classId),
  respond: () => Promise.resolve(),
  signal: (data) => data,
  stream: (data) => data,
  controller: (signal) => ({ signal }),
};

/** A function like those that compiled code marks. */
export function reference(marks: object): () => void {
  return Object.assign(() => {
    calls.count += 1;
  }, marks);
}

export function write(value: unknown): string {
  return serialize([value], { what: "workflow arguments", of: NAME });
}

export function read(payload: string): unknown {
  return (deserialize(payload, handles) as unknown[] | undefined | null)?.[0];
}

let realm: Realm | undefined;

/** What workflow code writes that was given the payload. @throws what the run failed with */
export function passThrough(payload: string): string {
  realm ??= createRealm({ hash: "fuzz", source: SOURCE, map: "" }, { timeLimitMs: 10_000, onLog: () => {} });
  const instance = realm.instantiate({ runId: "wrun_1", workflowName: NAME, seed: "00", generation: 0, createdAt: 0 });
  try {
    const about = { turn: 1, at: 0 };
    const data = { workflowName: NAME, codeHash: "fuzz" };
    instance.enter({ type: "run_created", data, payload, position: 1, ...about } as StoredEvent, false);
    const [command] = instance.enter({ type: "run_started", data: {}, position: 2, ...about } as StoredEvent, false);
    if (command?.type === "complete") return command.output;
    if (command?.type === "fail") throw deserialize(command.error, handles);
    throw new Error(`The run neither ended nor failed: ${JSON.stringify(command)}`);
  } finally {
    instance.dispose();
  }
}

/** Whether a payload that nobody wrote was refused the way that it must be; or the odd value in it, when it was written. */
export function isRefusal(error: unknown): boolean {
  return WorkflowRuntimeError.is(error) || SerializationError.is(error);
}
