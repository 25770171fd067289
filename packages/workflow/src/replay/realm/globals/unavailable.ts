/** Names that exist so that using them says what to do instead. */
import { AbortSignal } from "./abort-signal.ts";
import { addMembers } from "./intrinsics.ts";
import { defineShared } from "./per-run.ts";

const USE_SLEEP = 'use `sleep` from "workflow"';
const USE_STEP = 'use it inside a "use step" function';

const FUNCTIONS: Readonly<Record<string, string>> = {
  fetch: 'use `fetch` from "workflow", or call it inside a "use step" function',
  setTimeout: USE_SLEEP,
  setInterval: USE_SLEEP,
  setImmediate: USE_SLEEP,
  clearTimeout: USE_SLEEP,
  clearInterval: USE_SLEEP,
  clearImmediate: USE_SLEEP,
};

/** Classes, each with its static functions. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  TransformStream: [],
  XMLHttpRequest: [],
  WebSocket: [],
  EventSource: [],
  MessageChannel: [],
  BroadcastChannel: [],
  Worker: [],
  Blob: [],
  File: [],
  FormData: [],
};

export function installUnavailable(): void {
  for (const [name, instead] of Object.entries(FUNCTIONS)) defineShared(name, refusal(name, name, instead));
  for (const [name, statics] of Object.entries(CLASSES)) {
    const refusing = refusal(name, name, USE_STEP);
    for (const member of statics) addMembers(refusing, { [member]: refusal(member, `${name}.${member}`, USE_STEP) });
    defineShared(name, refusing);
  }
  const instead = `${USE_SLEEP} and an AbortController`;
  addMembers(AbortSignal, { timeout: refusal("timeout", "AbortSignal.timeout", instead) });
  // It would block the whole process, not just the workflow.
  addMembers(Atomics, { wait: refusal("wait", "Atomics.wait", USE_SLEEP) });
}

function refusal(name: string, path: string, instead: string): () => never {
  function refuse(): never {
    throw new Error(`Global "${path}" is not available in workflow functions; ${instead}`);
  }
  Object.defineProperty(refuse, "name", { value: name });
  return refuse;
}
