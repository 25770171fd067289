import type { Settle } from "./context.ts";

/**
 * A promise whose outcome history decides. Marked as handled: the failure of a step that nobody awaits any more
 * (it lost a race, say) is not an unhandled rejection (contract 07 section 7.16).
 */
export function pending<T>(register: (settle: Settle) => void): Promise<T> {
  const promise = new Promise<T>((resolve, reject) => register({ resolve: resolve as Settle["resolve"], reject }));
  promise.catch(() => {});
  return promise;
}
