/** The last argument of `Request` and `Response`. */
export interface WebOptions {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly status?: unknown;
  readonly statusText?: unknown;
}

export function optionsOf(init: unknown, className: string): WebOptions {
  if (init === undefined || init === null) return {};
  if (typeof init === "object" || typeof init === "function") return init;
  throw new TypeError(`${className}: the options must be an object`);
}
