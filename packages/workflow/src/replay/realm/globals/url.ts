/** `URL`: the host parses, the realm keeps the parts as text. */
import type { UrlParts } from "../bridge.ts";
import { assignUrl, parseUrl } from "./host.ts";
import { searchParamsLink, type URLSearchParams } from "./url-search-params.ts";

export class URL {
  #parts: UrlParts;
  #searchParams: URLSearchParams | undefined;

  /** @throws TypeError (`code: "ERR_INVALID_URL"`) when the URL is invalid */
  constructor(url: unknown, base?: unknown) {
    if (arguments.length === 0) throw new TypeError('URL: the "url" argument must be specified');
    const parts = parsed(url, base);
    if (parts === undefined) throw invalid(url, base);
    this.#parts = parts;
  }

  static canParse(url: unknown, base?: unknown): boolean {
    if (arguments.length === 0) throw new TypeError('URL.canParse: the "url" argument must be specified');
    return parsed(url, base) !== undefined;
  }

  /** Null when the URL is invalid. */
  static parse(url: unknown, base?: unknown): URL | null {
    const parts = parsed(url, base);
    return parts === undefined ? null : new URL(parts.href);
  }

  get href(): string {
    return this.#parts.href;
  }
  set href(value: unknown) {
    const parts = parsed(value, undefined);
    if (parts === undefined) throw invalid(value, undefined);
    this.#replace(parts);
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get protocol(): string {
    return this.#parts.protocol;
  }
  set protocol(value: unknown) {
    this.#assign("protocol", value);
  }

  get username(): string {
    return this.#parts.username;
  }
  set username(value: unknown) {
    this.#assign("username", value);
  }

  get password(): string {
    return this.#parts.password;
  }
  set password(value: unknown) {
    this.#assign("password", value);
  }

  get host(): string {
    return this.#parts.host;
  }
  set host(value: unknown) {
    this.#assign("host", value);
  }

  get hostname(): string {
    return this.#parts.hostname;
  }
  set hostname(value: unknown) {
    this.#assign("hostname", value);
  }

  get port(): string {
    return this.#parts.port;
  }
  set port(value: unknown) {
    this.#assign("port", value);
  }

  get pathname(): string {
    return this.#parts.pathname;
  }
  set pathname(value: unknown) {
    this.#assign("pathname", value);
  }

  get search(): string {
    return this.#parts.search;
  }
  set search(value: unknown) {
    this.#assign("search", value);
  }

  get hash(): string {
    return this.#parts.hash;
  }
  set hash(value: unknown) {
    this.#assign("hash", value);
  }

  get searchParams(): URLSearchParams {
    return (this.#searchParams ??= searchParamsLink.create(this.#parts.search, (query) => {
      this.#parts = assignUrl(this.#parts.href, "search", query);
    }));
  }

  toString(): string {
    return this.#parts.href;
  }

  toJSON(): string {
    return this.#parts.href;
  }

  get [Symbol.toStringTag](): string {
    return "URL";
  }

  #assign(part: keyof UrlParts, value: unknown): void {
    this.#replace(assignUrl(this.#parts.href, part, `${value as string}`));
  }

  #replace(parts: UrlParts): void {
    this.#parts = parts;
    if (this.#searchParams !== undefined) searchParamsLink.refresh(this.#searchParams, parts.search.slice(1));
  }
}

function parsed(url: unknown, base: unknown): UrlParts | undefined {
  const text = `${url as string}`;
  if (base === undefined) return parseUrl(text, "");
  const baseText = `${base as string}`;
  // Across the wall an empty base means none, while here it is an invalid one.
  return baseText === "" ? undefined : parseUrl(text, baseText);
}

function invalid(url: unknown, base: unknown): TypeError {
  const details = base === undefined ? {} : { base: `${base as string}` };
  return Object.assign(new TypeError("Invalid URL"), {
    code: "ERR_INVALID_URL",
    input: `${url as string}`,
    ...details,
  });
}
