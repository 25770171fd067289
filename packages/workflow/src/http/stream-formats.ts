/** How the chunks of a stream are told over HTTP. */
export interface StreamFormat {
  readonly contentType: string;
  /** One chunk. `next`: the index of the chunk after it. @throws `TypeError` for a value that JSON does not have. */
  encode(value: unknown, next: number): Uint8Array;
}

const utf8 = new TextEncoder();

/** Texts and bytes as they are, one after the other; every other value as a line of JSON. */
const PLAIN: StreamFormat = {
  contentType: "text/plain; charset=utf-8",
  encode: (value) => (value instanceof Uint8Array ? value : utf8.encode(isText(value) ? value : `${json(value)}\n`)),
};

/** Every chunk is one line of JSON. */
const LINES: StreamFormat = {
  contentType: "application/x-ndjson",
  encode: (value) => utf8.encode(`${json(value)}\n`),
};

/** Every chunk is an event whose id is where to go on after it. Texts are its data as they are. */
const EVENTS: StreamFormat = {
  contentType: "text/event-stream",
  encode(value, next) {
    const data = isText(value) ? value : json(value);
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
    return utf8.encode(`id: ${next}\n${lines.join("")}\n`);
  },
};

/** What the request asks for by `Accept`. */
export function formatFor(request: Request): StreamFormat {
  const accepted = request.headers.get("accept") ?? "";
  return [EVENTS, LINES].find(({ contentType }) => accepted.includes(contentType)) ?? PLAIN;
}

/** Whether an `EventSource` asks, or something like it. */
export function isEventStream(request: Request): boolean {
  return formatFor(request) === EVENTS;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** JSON has no `undefined` of its own, and no bytes. */
function json(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  return JSON.stringify(value) ?? "null";
}
