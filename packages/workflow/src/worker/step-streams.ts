import { ChunkWriter } from "../streams/chunk-writer.ts";
import { flushInterval } from "../streams/flush-interval.ts";
import { createWritable, type Writable } from "../streams/writable.ts";
import { nameStream } from "../serialization/stream-values.ts";
import { StreamError } from "../world/reserved-errors.ts";
import { requireNamespace, streamName, type StreamAddress } from "../world/streams.ts";
import type { World } from "../world/world.ts";

/** The streams that a step body writes to. */
export interface StepStreams {
  /** The same object each time. @throws `WorkflowError` `INVALID_ARGUMENT` for a namespace that cannot be. */
  writable(namespace: string | undefined): WritableStream;
  /** The same for any stream, also of another run. */
  writableTo(stream: StreamAddress): WritableStream;
  /**
   * Resolves once what the body wrote is durable; undefined when it wrote nothing.
   * @throws `StreamError`, also after {@link drainTimeout}; what a chunk was refused with.
   */
  settle(): Promise<void> | undefined;
}

/** How long the chunks of a step may take to become durable after its end, in milliseconds. */
const DEFAULT_DRAIN_TIMEOUT_MS = 30_000;

export function createStepStreams(world: World, runId: string): StepStreams {
  const writables = new Map<string, Writable<unknown>>();
  const writableTo = (stream: StreamAddress): WritableStream => {
    const key = `${stream.runId}/${stream.name}`;
    const known = writables.get(key);
    if (known !== undefined) return known.stream;
    const parts = { stream, store: world.streams, clock: world.clock, flushIntervalMs: flushInterval() };
    const made = createWritable<unknown>(stream.name, (onFailure) => new ChunkWriter({ ...parts, onFailure }));
    writables.set(key, made);
    return nameStream(made.stream, () => ({ is: "writable", ...stream }));
  };
  return {
    writable(namespace) {
      requireNamespace(namespace);
      return writableTo({ runId, name: streamName(runId, namespace) });
    },
    writableTo,
    settle: () => (writables.size === 0 ? undefined : settleAll(world, runId, [...writables.values()])),
  };
}

async function settleAll(world: World, runId: string, writables: readonly Writable<unknown>[]): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timeout = drainTimeout();
  const cancel = world.clock.delay(timeout, () => {
    reject(
      new StreamError(
        `What the step wrote to streams of run ${runId} was not stored within ${timeout} ms after its end. Look at the ` +
          "World, or raise WORKFLOW_STEP_STREAM_DRAIN_TIMEOUT_MS",
      ),
    );
  });
  try {
    await Promise.race([late, Promise.all(writables.map((writable) => writable.settled()))]);
  } finally {
    cancel();
  }
}

function drainTimeout(): number {
  const given = Number(process.env["WORKFLOW_STEP_STREAM_DRAIN_TIMEOUT_MS"]);
  return given > 0 ? given : DEFAULT_DRAIN_TIMEOUT_MS;
}
