/**
 * How long a writer gathers chunks before it sends the first of them, in milliseconds
 * (`WORKFLOW_STREAM_FLUSH_INTERVAL_MS`). Default 0: the first goes at once.
 */
export function flushInterval(): number {
  return Math.max(Number(process.env["WORKFLOW_STREAM_FLUSH_INTERVAL_MS"]) || 0, 0);
}
