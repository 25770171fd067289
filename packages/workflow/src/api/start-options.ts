import { changed, changesIn, countFault, NO_RETENTION, OWN, sizeFault } from "../world/attributes.ts";
import { WorkflowError } from "../world/errors.ts";
import { isRunId } from "../world/ids.ts";
import { RunNotSupportedError } from "../world/reserved-errors.ts";
import type { TransactionOptions } from "../world/resume.ts";
import type { World } from "../world/world.ts";
import { currentStep, type StepContext } from "../worker/step-context.ts";

/** What a new run is created with beside its arguments. */
export interface NewRunOptions {
  /**
   * What the run is to be found by, from its creation on: at most 64, each with a key of 1 to 256 characters and a
   * value of at most 256 bytes, together at most 8,192 bytes as JSON. Steps and workflow code change them with
   * `setAttributes`. Default: none.
   */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Whether keys may begin with `$`, which the engine uses for its own. Default false. */
  readonly allowReservedAttributes?: boolean;
  /**
   * `0`: when the run has ended, its data is deleted: inputs, results, errors and payloads (contract 07 section 7.12).
   * Default `"default"`: it is kept.
   */
  readonly experimental_retention?: 0 | "default";
}

interface AnyStartOptions extends NewRunOptions, TransactionOptions {
  /** The World that gets the run. Default: the World of this process. */
  readonly world?: World;
  /**
   * Names what is started: of all calls for this workflow with the same key, one starts a run, also when they are made
   * at the same time, by several processes, or again after a crash; all get that run, whatever their arguments. Holds
   * as long as the run is stored. 1 to 255 characters. Default: each call starts a run.
   */
  readonly idempotencyKey?: string;
  /** The run that this one repeats; kept as the attribute `$replayedFromRunId`. */
  readonly replayedFromRunId?: string;
  /** The version of the protocol, 1 to 7. All known ones are the same here; attributes need 4. Default: the latest. */
  readonly specVersion?: number;
  /** Accepted for programs that name one; the Worlds here have no regions. */
  readonly region?: string;
  /** Accepted for programs that name one; the Worlds here have no queues to keep apart. */
  readonly namespace?: string;
}

export interface StartOptionsWithoutDeploymentId extends AnyStartOptions {
  readonly deploymentId?: undefined;
}

/** Another deployment may have another version of the workflow, so its types are not known. */
export interface StartOptionsWithDeploymentId extends AnyStartOptions {
  /** Accepted for programs that name one; a World here has one deployment, whose code is used. */
  readonly deploymentId: string;
}

export type StartOptions = StartOptionsWithoutDeploymentId | StartOptionsWithDeploymentId;

const LATEST_SPEC_VERSION = 7;
/** The first version of the protocol that has attributes (contract 04 section 4.3). */
const ATTRIBUTES_SPEC_VERSION = 4;

/**
 * The attributes of a run that `start` creates: those that were given and those that the engine adds.
 * @throws `WorkflowError` `INVALID_ARGUMENT`; `RunNotSupportedError` for a version of the protocol that is not known.
 */
export function startAttributes(options: StartOptions): Readonly<Record<string, string>> {
  checkSpecVersion(options);
  const { replayedFromRunId } = options;
  if (replayedFromRunId !== undefined && !isRunId(replayedFromRunId))
    throw invalid("start", `replayedFromRunId is the id of a run, not ${JSON.stringify(replayedFromRunId)}`);
  const attributes = newRunAttributes(options, "start");
  return replayedFromRunId === undefined ? attributes : { ...attributes, [OWN.replayedFrom]: replayedFromRunId };
}

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function newRunAttributes(options: NewRunOptions, functionName: string): Readonly<Record<string, string>> {
  const step = currentStep();
  return {
    ...givenAttributes(options, functionName),
    ...retentionOf(options, functionName),
    ...(step !== undefined && lineageOf(step)),
  };
}

/** What a run that a step starts says about where it comes from (contract 02 section 2.1). */
function lineageOf({ workflow, rootRunId }: StepContext): Readonly<Record<string, string>> {
  return { [OWN.parent]: workflow.workflowRunId, [OWN.root]: rootRunId };
}

function givenAttributes(options: NewRunOptions, functionName: string): Readonly<Record<string, string>> {
  const asked = changesIn(options.attributes ?? {}, options);
  if (asked.kind === "refused") throw invalid(functionName, asked.why);
  const { changes } = asked;
  const attributes = changed({}, changes);
  const why = countFault(attributes) ?? sizeFault({ changes, writer: { type: "workflow" } });
  if (why !== undefined) throw invalid(functionName, why);
  return attributes;
}

function retentionOf(options: NewRunOptions, functionName: string): Readonly<Record<string, string>> {
  const retention: unknown = options.experimental_retention;
  if (retention === undefined || retention === "default") return {};
  if (retention === 0) return { [OWN.retention]: NO_RETENTION };
  throw invalid(functionName, `experimental_retention is 0 or "default", not ${JSON.stringify(retention)}`);
}

function checkSpecVersion({ specVersion, attributes, experimental_retention: retention }: StartOptions): void {
  if (specVersion === undefined) return;
  if (!Number.isInteger(specVersion) || specVersion < 1)
    throw invalid("start", `specVersion is a whole number from 1 to ${LATEST_SPEC_VERSION}, not ${specVersion}`);
  if (specVersion > LATEST_SPEC_VERSION) throw new RunNotSupportedError(specVersion, LATEST_SPEC_VERSION);
  if (specVersion >= ATTRIBUTES_SPEC_VERSION || (attributes === undefined && retention !== 0)) return;
  throw invalid("start", `attributes and retention 0 need specVersion ${ATTRIBUTES_SPEC_VERSION} or later`);
}

function invalid(functionName: string, why: string): WorkflowError {
  return new WorkflowError("INVALID_ARGUMENT", `${functionName}(): ${why}`);
}

const warned = new WeakSet<World>();

/** A World without deployments runs what is deployed (contract 02 section 2.1). Said once for each World. */
export function warnOfLatest(world: World, { deploymentId }: StartOptions): void {
  if (deploymentId !== "latest" || warned.has(world)) return;
  warned.add(world);
  process.emitWarning(
    'start() was asked for deploymentId: "latest". This World has no deployments to choose from: runs use the code of ' +
      "the process that starts them",
    "WorkflowWarning",
  );
}
