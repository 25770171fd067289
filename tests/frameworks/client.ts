/** A line of an order's stream. */
export interface Progress {
  readonly now: string;
  readonly attempt?: number;
  readonly webhook?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The HTTP API that every example has. */
export interface Client {
  place(item: string, amount: number): Promise<Reply>;
  show(runId: string): Promise<Reply>;
  decide(runId: string, approved: boolean): Promise<Reply>;
  /** Reads the order's stream from its beginning to the first line that is wanted, or to its end. */
  follow(runId: string, isWanted?: (line: Progress) => boolean): Promise<readonly Progress[]>;
  /** Answers of other addresses, as they are. */
  send(path: string, init?: RequestInit): Promise<Response>;
}

const PATIENCE_MS = 30_000;

export function createClient(origin: string): Client {
  // Connections are not kept: the server that they lead to may have been killed.
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, origin), {
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...init,
      headers: { connection: "close", ...(init.headers as Readonly<Record<string, string>> | undefined) },
    });
  const post = async (path: string, body: object): Promise<Reply> =>
    replyOf(
      await send(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
  return {
    send,
    place: (item, amount) => post("/api/orders", { item, amount }),
    show: async (runId) => replyOf(await send(`/api/orders/${runId}`)),
    decide: (runId, approved) => post(`/api/orders/${runId}/approval`, { approved }),
    async follow(runId, isWanted = () => false) {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE_MS)]);
      const response = await send(`/api/orders/${runId}/stream`, { signal });
      if (!response.ok || response.body === null) throw new Error(`The stream was answered with ${response.status}`);
      const lines: Progress[] = [];
      for await (const line of linesOf(response.body)) {
        lines.push(JSON.parse(line) as Progress);
        if (isWanted(lines.at(-1) as Progress)) break;
      }
      stop.abort();
      return lines;
    },
  };
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** What is no JSON is given as `text`, for the message that complains about it. */
async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as Reply["body"] };
  } catch {
    return { status: response.status, body: { text } };
  }
}
