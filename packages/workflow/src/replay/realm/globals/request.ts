import { Body, bytesIn, bytesToClone, type Content, contentOf, takeBytes } from "./body.ts";
import { byteString, Headers, isToken } from "./headers.ts";
import { parseUrl } from "./host.ts";
import { optionsOf, type WebOptions } from "./web-options.ts";

/** Methods that are written in capitals whatever the case they are given in. */
const NORMALIZED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);
const REDIRECTS: ReadonlySet<string> = new Set(["error", "follow", "manual"]);

/** `Request` of the Fetch Standard, as a value: how it would be fetched (mode, cache, signal) is not kept, but `redirect`. */
export class Request extends Body {
  readonly #method: string;
  readonly #url: string;
  readonly #headers: Headers;
  readonly #redirect: string;

  constructor(input: unknown, init: unknown = {}) {
    if (arguments.length === 0) throw new TypeError("Request needs 1 argument");
    const options = optionsOf(init, "Request");
    const source = input instanceof Request ? input : undefined;
    const url = source?.url ?? urlOf(input);
    const method = options.method === undefined ? (source?.method ?? "GET") : methodOf(options.method);
    const redirect = options.redirect === undefined ? (source?.redirect ?? "follow") : redirectOf(options.redirect);
    const headers = new Headers(options.headers === undefined ? source?.headers : options.headers);
    const content = bodyOf(source, options, method);
    if (content.type !== undefined && !headers.has("content-type")) headers.set("content-type", content.type);
    super(content);
    this.#method = method;
    this.#url = url;
    this.#headers = headers;
    this.#redirect = redirect;
  }

  get method(): string {
    return this.#method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get redirect(): string {
    return this.#redirect;
  }

  clone(): Request {
    const { method, headers, redirect } = this;
    return new Request(this.#url, { method, headers, redirect, body: bytesToClone(this) });
  }

  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

/** @throws TypeError for a body with GET or HEAD, and for one that was read */
function bodyOf(source: Request | undefined, options: WebOptions, method: string): Content {
  const own = options.body === undefined || options.body === null ? undefined : contentOf(options.body);
  const hasBody = own !== undefined || (source !== undefined && bytesIn(source) !== null);
  if (hasBody && (method === "GET" || method === "HEAD")) {
    throw new TypeError("Request with GET/HEAD method cannot have body.");
  }
  return own ?? { bytes: source === undefined ? null : takeBytes(source) };
}

function urlOf(input: unknown): string {
  const text = `${input as string}`;
  const parts = parseUrl(text, "");
  if (parts === undefined) throw new TypeError(`Failed to parse URL from ${text}`);
  if (parts.username === "" && parts.password === "") return parts.href;
  throw new TypeError("Request cannot be constructed from a URL that includes credentials");
}

function redirectOf(given: unknown): string {
  const redirect = `${given as string}`;
  if (REDIRECTS.has(redirect)) return redirect;
  throw new TypeError(`Request: "${redirect}" is no way to deal with redirects: use "follow", "error" or "manual"`);
}

function methodOf(given: unknown): string {
  const method = byteString(given);
  if (!isToken(method)) throw new TypeError(`"${method}" is not a valid HTTP method`);
  const capitals = method.toUpperCase();
  if (FORBIDDEN.has(capitals)) throw new TypeError(`The HTTP method ${method} is not supported`);
  return NORMALIZED.has(capitals) ? capitals : method;
}
