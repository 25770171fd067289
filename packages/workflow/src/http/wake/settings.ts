/** What whoever asks for work says about it. */
export type WakeSettings =
  | { readonly status: "read"; readonly maxMs: number }
  | { readonly status: "unusable"; readonly advice: string };

/** How long a process works when it is not told, and how long at most, in milliseconds. */
export const DEFAULT_MS = 10_000;
export const MOST_MS = 300_000;

const UNUSABLE: WakeSettings = {
  status: "unusable",
  advice: `The body is empty, or a JSON object whose maxMs is a number of milliseconds from 1 to ${MOST_MS}`,
};

/** Reads the body of a request for work. An empty one asks for the default. */
export function settingsOf(body: Uint8Array): WakeSettings {
  if (body.byteLength === 0) return { status: "read", maxMs: DEFAULT_MS };
  const value = parse(body);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return UNUSABLE;
  const { maxMs = DEFAULT_MS } = value as { readonly maxMs?: unknown };
  return typeof maxMs === "number" && maxMs >= 1 && maxMs <= MOST_MS ? { status: "read", maxMs } : UNUSABLE;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
