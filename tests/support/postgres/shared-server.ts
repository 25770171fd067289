import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import type { Server } from "./server.ts";

/** One server for all who ask, which is started for the first of them. */
export interface SharedServer extends AsyncDisposable {
  /** Where to ask: {@link urlOfSharedServer}. */
  readonly port: number;
}

type Answer = { readonly url: string } | { readonly error: string };

export async function shareServer(
  start: () => Promise<Pick<Server, "url" | keyof AsyncDisposable>>,
): Promise<SharedServer> {
  let starting: ReturnType<typeof start> | undefined;
  const counter = createServer(async (socket) => {
    socket.on("error", () => undefined);
    starting ??= start();
    const answer: Answer = await starting.then(
      ({ url }) => ({ url }),
      (error: unknown) => ({ error: String(error) }),
    );
    socket.end(JSON.stringify(answer));
  });
  await once(counter.listen(0, "127.0.0.1"), "listening");
  return {
    port: (counter.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      counter.close();
      const server = await starting?.catch(() => undefined);
      await server?.[Symbol.asyncDispose]();
    },
  };
}

export async function urlOfSharedServer(port: number): Promise<string> {
  const answer = JSON.parse(await text(connect(port, "127.0.0.1"))) as Answer;
  if ("error" in answer) throw new Error(`There is no PostgreSQL for tests: ${answer.error}`);
  return answer.url;
}
