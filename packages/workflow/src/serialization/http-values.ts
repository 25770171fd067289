/**
 * Requests and responses of HTTP as values. The same code on the host, whose classes read bodies asynchronously and
 * so must be told their bytes, and in the realm, whose classes know them.
 */
import { currentOutgoing } from "./outgoing.ts";
import type { Handles } from "./references.ts";
import { pairs, text } from "./plain-parts.ts";
import { Refused } from "./refusal.ts";

export interface RequestData {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: HeaderList;
  /** Null when there is none, which is something else than an empty one. */
  readonly body: Uint8Array | null;
  /** Default `follow`. */
  readonly redirect?: Request["redirect"];
  /** The request that a step answers with `respondWith`. */
  readonly answerTo?: string;
}

export interface ResponseData {
  /** 0 for `Response.error()`. */
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array | null;
  readonly origin?: Origin;
}

/** Where a response came from, which the constructor of `Response` does not take. */
export interface Origin {
  readonly url: string;
  readonly redirected: boolean;
  readonly type: Response["type"];
}

/** A name may stand there more than once. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

type Written<Data> = Omit<Data, "body"> & { readonly body: ArrayBuffer | null };
export type WrittenRequest = { readonly is: "request" } & Written<RequestData>;
export type WrittenResponse = { readonly is: "response" } & Written<ResponseData>;

/** Where a request or response has its bytes, also after they were read. Not on those that only the platform made. */
export const BODY: unique symbol = Symbol.for("workflow.body");
const ANSWER_TO: unique symbol = Symbol.for("workflow.answerTo");

/** Statuses of responses that cannot have a body. */
export const BODILESS: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

const OPAQUE = Object.freeze({});

/** A value that is written as a request with these data, and revived as a `Request`. Good for nothing else. */
export function requestValue({ body, answerTo, ...data }: RequestData): object {
  return opaque("Request", { ...data, [BODY]: body, [ANSWER_TO]: answerTo });
}

/** A value that is written as a response with these data, and revived as a `Response`. Good for nothing else. */
export function responseValue({ body, ...data }: ResponseData): object {
  return opaque("Response", { ...data, [BODY]: body });
}

function opaque(tag: string, data: object): object {
  return Object.assign(Object.create(OPAQUE) as object, data, { [Symbol.toStringTag]: tag });
}

/** Whether bytes were put on this object: whatever class it has, it is written as what it says it is. */
export function isRecorded(value: object): boolean {
  return Object.hasOwn(value, BODY);
}

interface Recorded {
  readonly [BODY]?: Uint8Array | null;
  readonly [ANSWER_TO]?: string;
}

export function encodeRequest(value: object): WrittenRequest | Refused {
  const { method, url, headers, redirect = "follow", [ANSWER_TO]: answerTo } = value as Request & Recorded;
  const body = encodeBody(value, "Request");
  if (body instanceof Refused) return body;
  return {
    is: "request",
    method,
    url,
    headers: [...headers],
    body,
    ...(redirect !== "follow" && { redirect }),
    ...(answerTo !== undefined && { answerTo }),
  };
}

export function encodeResponse(value: object): WrittenResponse | Refused {
  const { status, statusText, headers, url = "", redirected = false, type } = value as Response;
  const body = encodeBody(value, "Response");
  if (body instanceof Refused) return body;
  const origin = url === "" ? undefined : { url, redirected, type };
  return { is: "response", status, statusText, headers: [...headers], body, ...(origin && { origin }) };
}

/** A copy, so that a body is nobody else's bytes when it is revived. */
function encodeBody(value: object, className: "Request" | "Response"): ArrayBuffer | null | Refused {
  const message = value as Recorded & (Request | Response);
  const bytes = message[BODY];
  if (bytes !== undefined) return bytes === null ? null : new Uint8Array(bytes).buffer;
  if (message.body === null) return null;
  const it = className.toLowerCase();
  if (message.bodyUsed || message.body.locked) {
    return new Refused({
      what: `a ${className} whose body ${message.bodyUsed ? "was read before" : "is being read"}`,
      hint: `Pass it before anything reads it, or pass ${it}.clone() and read the other one`,
    });
  }
  const outgoing = currentOutgoing();
  if (outgoing !== undefined) {
    outgoing.unread.push(message);
    return null;
  }
  return new Refused({
    what: `a ${className} whose body has to be awaited`,
    hint: `Await it first: pass await ${it}.text() or await ${it}.arrayBuffer(), and what else is needed of the ${it}`,
  });
}

export function reviveRequest(data: WrittenRequest, handles: Handles): Request {
  const { redirect = "follow", answerTo } = data;
  const method = text(data.method);
  const body = method === "GET" || method === "HEAD" ? null : reviveBody(data);
  const request = new (present("Request"))(text(data.url), { method, headers: pairs(data.headers), body, redirect });
  record(request, body);
  if (answerTo !== undefined) {
    hide(request, ANSWER_TO, text(answerTo));
    hide(request, "respondWith", (response: Response) => handles.respond(answerTo, response));
  }
  return request;
}

export function reviveResponse(data: WrittenResponse): Response {
  const { status } = data;
  if (typeof status !== "number") throw new Error("a status is no number");
  const Class = present("Response");
  const body = BODILESS.has(status) ? null : reviveBody(data);
  const init = { status, statusText: text(data.statusText), headers: pairs(data.headers) };
  const response = status === 0 ? Class.error() : new Class(body, init);
  record(response, body);
  if (data.origin !== undefined) setOrigin(response, data.origin);
  return response;
}

/** Says where a response came from, as the platform does of those that it has fetched. */
export function setOrigin(response: object, { url, redirected, type }: Origin): void {
  hide(response, "url", url);
  hide(response, "redirected", redirected);
  hide(response, "type", type);
}

function reviveBody({ body }: Pick<WrittenRequest, "body">): Uint8Array<ArrayBuffer> | null {
  if (body === null) return null;
  // A number in its place would allocate as much.
  if (!(body instanceof ArrayBuffer)) throw new Error("a body is no bytes");
  return new Uint8Array(body);
}

/** Puts its bytes on a request or response, for those who serialize it. The realm's classes know them. */
export function record(made: Request | Response, body: Uint8Array | null): void {
  if (!(BODY in made)) hide(made, BODY, body);
}

function hide(owner: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(owner, key, { value });
}

interface WebClasses {
  readonly Headers: typeof Headers;
  readonly Request: typeof Request;
  readonly Response: typeof Response;
}

/** @throws `Error` where the realm that this runs in does not have the class. */
export function present<Name extends keyof WebClasses>(name: Name): WebClasses[Name] {
  const Class = (globalThis as Partial<WebClasses>)[name];
  if (Class === undefined) throw new Error(`there is no ${name} here`);
  return Class;
}
