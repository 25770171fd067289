/** Makes the realm's globals. */
import type { Bridge } from "../bridge.ts";
import { AbortController } from "./abort-controller.ts";
import { AbortSignal } from "./abort-signal.ts";
import { removeAbsent } from "./absent.ts";
import { atob, btoa } from "./atob.ts";
import { createConsole } from "./console.ts";
import { crypto } from "./crypto.ts";
import { installDate } from "./date.ts";
import { installDefineProperty } from "./define-property.ts";
import { installDisposal } from "./disposal.ts";
import { DOMException } from "./dom-exception.ts";
import { Headers } from "./headers.ts";
import { connectHost, guardBridge, readEnv } from "./host.ts";
import { installIntl } from "./intl.ts";
import { defineFresh, defineShared } from "./per-run.ts";
import { performance } from "./performance.ts";
import { installRandom } from "./random.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { ReadableStream, WritableStream } from "./streams.ts";
import { structuredClone } from "./structured-clone.ts";
import { TextDecoder } from "./text-decoder.ts";
import { TextEncoder } from "./text-encoder.ts";
import { installUint8ArrayText } from "./uint8array-text.ts";
import { installUnavailable } from "./unavailable.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { URL } from "./url.ts";

export { enterGlobals, leaveGlobals } from "./per-run.ts";

const { freeze } = Object;

/**
 * Call once per realm, before any workflow code.
 * @returns the bridge that the rest of the realm must use, instead of `bridge` itself
 */
export function installGlobals(bridge: Bridge): Bridge {
  const guarded = guardBridge(bridge);
  connectHost(guarded);
  removeAbsent();
  installDisposal();
  installDate();
  installIntl();
  installRandom();
  installUint8ArrayText();
  installDefineProperty();
  Reflect.deleteProperty(globalThis, "console");
  defineFresh("console", createConsole);
  const shared = { atob, btoa, crypto, performance, queueMicrotask, structuredClone };
  const classes = {
    ...{ AbortController, AbortSignal, DOMException, Headers, Request, Response },
    ...{ ReadableStream, TextDecoder, TextEncoder, URL, URLSearchParams, WritableStream },
  };
  for (const [name, value] of Object.entries({ ...shared, ...classes })) defineShared(name, value);
  defineShared("process", freeze({ env: freeze(readEnv()) }));
  defineShared("global", globalThis);
  installUnavailable();
  return guarded;
}

/** What `task` throws becomes an unhandled rejection of the run. */
function queueMicrotask(task: () => void): void {
  if (typeof task !== "function") throw new TypeError("queueMicrotask: the argument must be a function");
  void Promise.resolve().then(() => task());
}
