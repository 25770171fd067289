import { BODILESS, setOrigin } from "../../../serialization/http-values.ts";
import { Body, bytesToClone, contentOf } from "./body.ts";
import { byteString, Headers } from "./headers.ts";
import { parseUrl } from "./host.ts";
import { optionsOf } from "./web-options.ts";

const { stringify } = JSON;
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;
const REDIRECTIONS: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308]);

/** `Response` of the Fetch Standard, as a value. One that was fetched is told where it came from by `setOrigin`. */
export class Response extends Body {
  #type: "default" | "error" = "default";
  #status: number;
  readonly #statusText: string;
  readonly #headers: Headers;

  constructor(body: unknown = null, init?: unknown) {
    const options = optionsOf(init, "Response");
    const content = contentOf(body);
    const status = options.status === undefined ? 200 : statusOf(options.status);
    const statusText = options.statusText === undefined ? "" : reasonOf(options.statusText);
    const headers = new Headers(options.headers);
    if (content.bytes !== null && BODILESS.has(status)) {
      throw new TypeError(`Response: one with the status ${status} cannot have a body`);
    }
    if (content.type !== undefined && !headers.has("content-type")) headers.set("content-type", content.type);
    super(content);
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = headers;
  }

  static error(): Response {
    const response = new Response();
    response.#type = "error";
    response.#status = 0;
    return response;
  }

  static json(data: unknown, init?: unknown): Response {
    const text = stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError("Response.json: the value is not JSON serializable");
    const options = optionsOf(init, "Response");
    const headers = new Headers(options.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(text, { status: options.status, statusText: options.statusText, headers });
  }

  /** @param url absolute */
  static redirect(url: unknown, status: unknown = 302): Response {
    const text = `${url as string}`;
    const parts = parseUrl(text, "");
    if (parts === undefined) throw new TypeError(`Failed to parse URL from ${text}`);
    const code = toUnsignedShort(status);
    if (!REDIRECTIONS.has(code)) throw new RangeError(`Response.redirect: ${code} is no status of a redirection`);
    return new Response(null, { status: code, headers: { location: parts.href } });
  }

  get type(): "basic" | "default" | "error" {
    return this.#type;
  }

  get url(): string {
    return "";
  }

  get redirected(): boolean {
    return false;
  }

  get status(): number {
    return this.#status;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get headers(): Headers {
    return this.#headers;
  }

  clone(): Response {
    const copy = new Response(bytesToClone(this), { statusText: this.#statusText, headers: this.#headers });
    copy.#type = this.#type;
    copy.#status = this.#status;
    if (this.url !== "") setOrigin(copy, this);
    return copy;
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

function statusOf(given: unknown): number {
  const status = toUnsignedShort(given);
  if (status >= 200 && status <= 599) return status;
  throw new RangeError("Response: the status must be in the range of 200 to 599");
}

/** As the web converts numbers. */
function toUnsignedShort(given: unknown): number {
  return Math.trunc(Number(given)) & 0xffff;
}

function reasonOf(given: unknown): string {
  const text = byteString(given);
  if (!REASON.test(text)) throw new TypeError("Response: the statusText is invalid");
  return text;
}
