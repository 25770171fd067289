import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { answerQuestions } from "./conversation.ts";
import { timed } from "./measure/timing.ts";

/**
 * A process that sends requests, and answers how long it took until all were answered with 202, in milliseconds. It
 * shares the processors with the server, so it is no more than sockets: it writes prepared bytes, and looks no further
 * into what comes than to where it ends.
 */

export interface Load {
  readonly port: number;
  /** Sent to by turns. */
  readonly paths: readonly string[];
  readonly body: string;
  readonly requests: number;
  /** Stay open; each sends one request after the other. */
  readonly connections: number;
}

answerQuestions(async ({ port, paths, body, requests, connections }: Load) => {
  const texts = paths.map((path) => requestText(port, path, body));
  let begun = 0;
  const next = (): string | undefined => (begun < requests ? texts[begun++ % texts.length] : undefined);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  return timed(() => Promise.all(sockets.map((socket) => send(socket, next))));
});

function requestText(port: number, path: string, body: string): string {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`;
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  return socket;
}

/** @throws when the server closes the connection, or answers anything but 202. */
function send(socket: Socket, next: () => string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const proceed = (): void => {
      const text = next();
      if (text !== undefined) return void socket.write(text);
      resolve();
      socket.destroy();
    };
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
      if (!isWhole(answer)) return;
      if (!answer.startsWith("HTTP/1.1 202 ")) return void socket.destroy(new Error(answer));
      answer = "";
      proceed();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The server closed the connection")));
    proceed();
  });
}

/** Whether a response has its end, which its length says, or the last of its chunks. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /^content-length: *(\d+)/im.exec(answer)?.[1];
  return length === undefined ? answer.endsWith("\r\n0\r\n\r\n") : answer.length >= end + 4 + Number(length);
}
