import { afterEach, describe, type TestContext, vi } from "vitest";
import { setWorld } from "workflow/runtime";
import { type EventData, type Fact, systemClock, type World } from "workflow/world";
import { hostHandles } from "../../packages/workflow/src/api/run.ts";
import { deserialize } from "../../packages/workflow/src/serialization/serialize.ts";
import { createStepStreams } from "../../packages/workflow/src/worker/step-streams.ts";
import { createMemoryWorld } from "@workflow/world/testkit";
import { Attempt } from "../../packages/workflow/src/worker/attempt.ts";
import { inStep } from "../../packages/workflow/src/worker/step-context.ts";
import { openScene, type Owner, type Scene } from "../../packages/world/src/testkit/kit/scene.ts";
import type { RequestWithResponse } from "workflow";
import { WORLDS } from "../support/worlds.ts";

export type Body = NonNullable<RequestInit["body"]>;
export type HeaderFields = NonNullable<RequestInit["headers"]>;

export const ROOT = "http://localhost/.well-known/workflow/v1/webhook/";

/** A World with its clock, and runs that have webhooks and nobody who works on them. */
export interface Place extends Scene {
  /** A run whose hook `hook_<token>` takes requests. */
  webhook(token: string, data?: Partial<EventData["hook_created"]>): Promise<Owner>;
  /** What was sent to a run, revived. */
  requests(owner: Owner): Promise<readonly RequestWithResponse[]>;
  /** The first request that comes to a run. */
  firstRequest(owner: Owner): Promise<RequestWithResponse>;
}

export function describeWebhooks(
  name: string,
  define: (place: (context: TestContext) => Promise<Place>) => void,
): void {
  describe.each(WORLDS)(`${name} ($name)`, ({ open }) => {
    afterEach(() => {
      setWorld(undefined);
      vi.restoreAllMocks();
    });
    define(async ({ onTestFinished }) => {
      const scene = await openScene(({ clock }) => open(clock));
      onTestFinished(() => scene.world.close());
      setWorld(scene.world);
      return placeOf(scene);
    });
  });
}

function placeOf(scene: Scene): Place {
  const requests = async (owner: Owner): Promise<readonly RequestWithResponse[]> =>
    (await owner.inbox()).map(
      (fact: Fact) => deserialize(fact.event.payload ?? "", hostHandles) as RequestWithResponse,
    );
  return {
    ...scene,
    async webhook(token, data = {}) {
      const owner = await scene.own();
      await owner.commit({
        type: "hook_created",
        correlationId: `hook_${token}`,
        data: { token, isWebhook: true, webhook: { respond: "accepted" }, ...data },
        at: scene.clock.now(),
      });
      return owner;
    },
    requests,
    firstRequest: (owner) =>
      vi.waitFor(async () => {
        const [request] = await requests(owner);
        if (request === undefined) throw new Error("No request came");
        return request;
      }),
  };
}

/** As an attempt of a step of this run would do it. */
export function asStep<T>(runId: string, body: () => T, { stepId = "step_1", attempt = 1 } = {}): T {
  const workflow = {
    workflowName: "w",
    workflowRunId: runId,
    workflowStartedAt: new Date(0),
    url: "",
    features: { encryption: false },
  };
  const step = { stepName: "s", stepId, stepStartedAt: new Date(0), attempt };
  const at = new Date(0);
  const entity = { ...step, runId, status: "running", createdAt: at, updatedAt: at } as const;
  const context = {
    step,
    attempt: new Attempt(entity, systemClock()),
    workflow,
    streams: createStepStreams(createMemoryWorld(), runId),
    rootRunId: runId,
    get world(): World {
      throw new Error("Answers go to the World of the process");
    },
  };
  return inStep(context, body);
}

/** The World, and the names of what it is asked, in order. */
export function counting(world: World): { readonly world: World; readonly calls: string[] } {
  const calls: string[] = [];
  const noting = <T extends object>(target: T, path: string): T =>
    new Proxy(target, {
      get(from, key) {
        const value: unknown = Reflect.get(from, key);
        const name = `${path}${String(key)}`;
        if (typeof value === "object" && value !== null && name !== "clock") return noting(value, `${name}.`);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          calls.push(name);
          return (value as (...args: unknown[]) => unknown).apply(from, args);
        };
      },
    });
  return { world: noting(world, ""), calls };
}

export function operatorLog(): string[] {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(" ")));
  return lines;
}

/** The status of an error that a caller gets, and its code. */
export async function refusalOf(response: Response): Promise<readonly [status: number, code: string]> {
  return [response.status, ((await response.json()) as { readonly code: string }).code];
}
