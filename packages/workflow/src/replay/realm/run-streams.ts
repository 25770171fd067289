/** A run's own streams, as workflow code holds them: they can be handed on and nothing else (contract 09 section 9.4). */
import { requireNamespace, requireStartIndex } from "../../world/streams.ts";
import type { WorkflowWritableStreamOptions } from "../primitives.ts";
import { streamHandle } from "./globals/streams.ts";

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function writableHandle(runId: string, { namespace }: WorkflowWritableStreamOptions = {}): object {
  requireNamespace(namespace);
  return streamHandle({ is: "writable", runId, ...(namespace !== undefined && { namespace }) });
}

interface ReadableOptions extends WorkflowWritableStreamOptions {
  readonly startIndex?: number | undefined;
}

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function readableHandle(runId: string, { namespace, startIndex = 0 }: ReadableOptions = {}): object {
  requireNamespace(namespace);
  requireStartIndex(startIndex);
  const given = { ...(namespace !== undefined && { namespace }), ...(startIndex !== 0 && { startIndex }) };
  return streamHandle({ is: "readable", runId, ...given });
}
