import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that connections can be lost on, as networks lose them: the server does not know, or not yet. */
export interface Way extends AsyncDisposable {
  readonly url: string;
  /** One that was made and has not ended. */
  readonly connections: readonly Connection[];
}

export interface Connection {
  /** When something was sent to the server last, by `performance.now`. */
  readonly sentAt: number;
  /** Ends it, whatever is under way. What was sent is done all the same. */
  cut(): void;
  /** Ends it when the server answers next: what the server has done, the other side is not told. */
  loseAnswer(): void;
}

export async function openWay(to: string): Promise<Way> {
  const target = new URL(to);
  const connections = new Set<Connection & { readonly inner: Socket }>();
  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    let sentAt = 0;
    let losing = false;
    const cut = (): void => {
      connections.delete(connection);
      inner.destroy();
      // Gracefully: the server reads what was sent before it notices.
      outer.end();
    };
    const connection = {
      inner,
      get sentAt() {
        return sentAt;
      },
      cut,
      loseAnswer: () => void (losing = true),
    };
    connections.add(connection);
    inner.on("data", (data) => {
      sentAt = performance.now();
      outer.write(data);
    });
    outer.on("data", (data) => (losing ? cut() : inner.write(data)));
    for (const socket of [inner, outer]) socket.on("error", cut).on("close", cut);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get connections() {
      return [...connections];
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const connection of connections) connection.cut();
      await closed;
    },
  };
}
