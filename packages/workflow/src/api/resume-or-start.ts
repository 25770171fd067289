import { hash } from "node:crypto";
import { LONGEST_TOKEN } from "../replay/primitives.ts";
import { firstHookId } from "../replay/realm/identity.ts";
import { type Departing, release, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { storedWith } from "../streams/pump.ts";
import { WorkflowError } from "../world/errors.ts";
import { HookConflictError, HookNotFoundError } from "../world/hook-errors.ts";
import type { KeyOptions } from "../world/resume.ts";
import type { Creation, World } from "../world/world.ts";
import { forwardAborts } from "../worker/forward-aborts.ts";
import { type Minted, mintingInto } from "../worker/host-signals.ts";
import { receive } from "./deliver.ts";
import { receiverOf } from "./hooks.ts";
import { inFlight } from "./in-flight.ts";
import { requireNoStreams } from "./no-streams.ts";
import { keyIn, txIn } from "./resume-options.ts";
import { Run } from "./run.ts";
import { create, prepare, type Prepared, storing, type WorkflowFunction, type WorkflowReference } from "./start.ts";
import { newRunAttributes, type NewRunOptions } from "./start-options.ts";
import { getWorld } from "./world-access.ts";

/** Those of the run count only for the call that starts it. */
export interface ResumeOrStartOptions extends KeyOptions, NewRunOptions {
  /** The World to look in. Default: the World of this process. */
  readonly world?: World;
}

export interface ResumedOrStarted<Result> {
  /**
   * `started`: a new run, which has the payload waiting for its hook. `delivered`: the run that has the token got the
   * payload. `duplicate`: an earlier call with the same idempotency key delivered it.
   */
  readonly status: "started" | "delivered" | "duplicate";
  /** The run that has the payload. */
  readonly run: Run<Result>;
}

/**
 * Gives a payload to the run that has the token, or starts a run that has it: one atomic decision of the World, so that
 * of any number of calls at once one starts a run and all payloads reach that run. The new run owns the token from its
 * creation until it ends, and gets its payloads, in the order of their acceptance, through its first hook with this
 * token: `createHook({ token })`. The arguments count only for the call that starts it.
 * @throws What `start` and `resumeHook` throw for what they are given; `HookConflictError` when a run that has ended
 *   retains the token (`experimental_minRetention`). Nothing is written then.
 */
export async function resumeOrStart<Args extends unknown[], Result>(
  token: string,
  payload: unknown,
  workflow: WorkflowFunction<Args, Result> | WorkflowReference,
  args: Args,
  options: ResumeOrStartOptions = {},
): Promise<ResumedOrStarted<Result>> {
  checkToken(token);
  const key = keyIn(options, "resumeOrStart");
  const within = txIn(options);
  const sent: Minted[] = [];
  const attributes = newRunAttributes(options, "resumeOrStart");
  const [departing, { run, code, streams, signals }] = await copyBoth(
    Promise.resolve(serializeOutgoing(payload, { what: "hook payload", of: token }, { signals: mintingInto(sent) })),
    prepare("resumeOrStart", workflow, args, attributes),
  );
  requireNoStreams([...departing.streams, ...streams], within, `resumeOrStart() of ${token}`);
  const world = options.world ?? (await getWorld());
  const createdAt = world.clock.now();
  const fact = { type: "hook_received", data: {}, payload: departing.payload, at: createdAt } as const;
  const deciding = async (): Promise<Creation> => {
    const delivery = await receive(world, token, fact, { ...key, ...within });
    if (delivery?.status === "delivered" || delivery?.status === "duplicate") return { status: "resumed", delivery };
    const hookId = firstHookId((ascii) => hash("sha256", ascii, "hex"), run.runId, token);
    const newRun = { ...run, createdAt, claim: { token, hookId, fact, ...key } };
    return await storing(world, code, () => create(world, newRun, code, within));
  };
  const started = ({ status }: Creation): string | undefined => (status === "created" ? run.runId : undefined);
  const owner = (made: Creation): string | undefined =>
    made.status === "resumed" ? receiverOf(made.delivery) : started(made);
  const creation = await storedWith(
    world,
    streams,
    () => storedWith(world, departing.streams, () => inFlight(world, deciding), owner),
    started,
  );
  const handle = (runId: string): Run<Result> => new Run(runId, () => Promise.resolve(world));
  if (creation.status !== "resumed") {
    forwardAborts(world, [...sent, ...signals], run.runId);
    return { status: "started", run: handle(run.runId) };
  }
  const { delivery } = creation;
  if (delivery.status === "delivered") forwardAborts(world, sent, delivery.runId);
  if (delivery.status === "delivered" || delivery.status === "duplicate") {
    return { status: delivery.status, run: handle(delivery.runId) };
  }
  throw new HookConflictError(token, await retainerOf(world, token));
}

/** Payload and arguments are both copied at the call. Where one cannot be, the streams of the other are given back. */
async function copyBoth(
  departing: Promise<Departing>,
  prepared: Promise<Prepared>,
): Promise<readonly [Departing, Prepared]> {
  try {
    return await Promise.all([departing, prepared]);
  } catch (error) {
    for (const copying of [departing, prepared]) copying.then(({ streams }) => release(streams)).catch(() => {});
    throw error;
  }
}

function checkToken(token: unknown): asserts token is string {
  if (typeof token === "string" && token !== "" && token.length <= LONGEST_TOKEN && token.isWellFormed()) return;
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `resumeOrStart() takes a token of 1 to ${LONGEST_TOKEN} characters first. The workflow creates its hook with the same one`,
  );
}

async function retainerOf(world: World, token: string): Promise<string | undefined> {
  try {
    return (await world.hooks.getByToken(token)).runId;
  } catch (error) {
    if (HookNotFoundError.is(error)) return undefined;
    throw error;
  }
}
