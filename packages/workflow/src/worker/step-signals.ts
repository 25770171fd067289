import { deserialize, type Handles, type SignalData, type WriteSignal } from "../serialization/serialize.ts";
import type { Payload } from "../world/events.ts";
import type { World } from "../world/world.ts";
import { forwardAborts } from "./forward-aborts.ts";
import { hearAbort, pastAbort } from "./hear-abort.ts";
import { controllerOf, hookOf, makeSignal, type Minted, mintingInto } from "./host-signals.ts";
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
  const looks: (() => Promise<void>)[] = [];
  const ends: (() => void)[] = [];
  const telling = new Set<Promise<void>>();

  const signal = (data: SignalData): AbortSignal => {
    const controller = makeSignal(data);
    const made = controller.signal;
    const hook = hookOf(made);
    if (hook === undefined || data.aborted) return made;
    let heard = false;
    const hear = (reason: Payload): void => {
      if (made.aborted) return;
      heard = true;
      controller.abort(reasonIn(reason, base));
    };
    made.addEventListener("abort", () => {
      if (heard) return;
      const told = tellAbort(world, hook, reasonOf(made, hook.token)).finally(() => telling.delete(told));
      telling.add(told);
    });
    ends.push(hearAbort(world, hook, hear));
    looks.push(async () => {
      const reason = await pastAbort(world, hook);
      if (reason !== null) hear(reason);
    });
    return made;
  };

  return {
    handles: { ...base, signal, controller: controllerOf },
    write: mintingInto(minted, runId),
    async ready() {
      if (looks.length > 0) await Promise.all(looks.map((look) => look()));
    },
    async over() {
      forwardAborts(world, minted, runId);
      while (telling.size > 0) await Promise.all(telling);
      for (const end of ends) end();
    },
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
