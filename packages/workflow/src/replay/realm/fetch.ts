import { FETCH_STEP } from "../engine-steps.ts";
import type { Bridge } from "./bridge.ts";
import { Request } from "./globals/request.ts";
import { optionsOf } from "./globals/web-options.ts";
import { createStepProxy } from "./step.ts";

/** What the platform's `fetch` takes and a `Request` of the realm does not keep. */
const ON_THE_WAY = ["cache", "credentials", "integrity", "keepalive", "mode", "referrer", "referrerPolicy", "signal"];

type Fetch = ((input: unknown, init?: unknown) => Promise<unknown>) & { readonly stepId: string };

/**
 * `fetch` of workflow code: a step. What the platform would refuse before it sends anything is refused here, without a
 * step.
 */
export function createFetch(bridge: Bridge): Fetch {
  const step = createStepProxy(bridge, FETCH_STEP);
  const fetch = (input: unknown, init?: unknown): Promise<unknown> => {
    try {
      const options = optionsOf(init, "fetch") as Readonly<Record<string, unknown>>;
      const given = ON_THE_WAY.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
      return step(new Request(input, init), Object.fromEntries(given));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return Object.assign(fetch, { stepId: FETCH_STEP });
}
