import { deserialize, type Handles, type SignalData, type WriteSignal } from "../serialization/serialize.ts";
import type { Payload } from "../world/events.ts";
import type { World } from "../world/world.ts";
import { forwardAborts } from "./forward-aborts.ts";
import { hearAbort, pastAbort } from "./hear-abort.ts";
import { controllerOf, hookOf, makeSignal, type Minted, mintingInto, type SystemHook } from "./host-signals.ts";
import { reasonOf, tellAbort } from "./tell-abort.ts";

/** The abort signals and controllers that one attempt of a step has, and hands out (contract 06 section 6.8). */
export interface StepSignals {
  /** What revives the step's input. */
  readonly handles: Handles;
  /** What writes its result. */
  readonly write: WriteSignal;
  /** Before the body begins: what was aborted before is aborted now. */
  ready(): Promise<void>;
  /** After it: whatever the body aborted is durable, and so comes before its outcome. */
  over(): Promise<void>;
}

export function createStepSignals(world: World, runId: string, base: Handles): StepSignals {
  const minted: Minted[] = [];
  const connected: Connection[] = [];
  const signal = (data: SignalData): AbortSignal => {
    const controller = makeSignal(data);
    const hook = hookOf(controller.signal);
    if (hook !== undefined && !data.aborted) connected.push(connect(world, hook, controller, base));
    return controller.signal;
  };

  return {
    handles: { ...base, signal, controller: controllerOf },
    write: mintingInto(minted, runId),
    async ready() {
      if (connected.length > 0) await Promise.all(connected.map((connection) => connection.look()));
    },
    async over() {
      forwardAborts(world, minted, runId);
      for (const { told } of connected) await told();
      for (const { end } of connected) end();
    },
  };
}

/** Between a signal in this process and its hook, both ways. */
interface Connection {
  /** Aborts the signal if the hook says so already. */
  look(): Promise<void>;
  /** Resolves once the hook has been told of an abort by the body. */
  told(): Promise<void>;
  /** Hears nothing more; what the body left running can still abort. */
  end(): void;
}

function connect(world: World, hook: SystemHook, controller: AbortController, handles: Handles): Connection {
  const { signal } = controller;
  let heard = false;
  let telling = Promise.resolve();
  const hear = (reason: Payload): void => {
    if (signal.aborted) return;
    heard = true;
    controller.abort(reasonIn(reason, handles));
  };
  signal.addEventListener("abort", () => {
    if (!heard) telling = tellAbort(world, hook, reasonOf(signal, hook.token));
  });
  return {
    async look() {
      const reason = await pastAbort(world, hook);
      if (reason !== null) hear(reason);
    },
    told: () => telling,
    end: hearAbort(world, hook, hear),
  };
}

/** One that cannot be read aborts all the same. */
function reasonIn(payload: Payload, handles: Handles): unknown {
  try {
    return deserialize(payload, handles);
  } catch {
    return undefined;
  }
}
