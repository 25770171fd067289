/** Tells the operator, whom nobody asked, what the caller of a webhook is not told. */
export function report(message: string, cause?: unknown): void {
  console.error(`[workflow] ${message}`, ...(cause === undefined ? [] : [cause]));
}
