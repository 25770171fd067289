import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { SharedHint } from "../world-parts/hints.ts";

/** A connection to another World on the same data. */
export interface PeerLink {
  /** The workers that have joined through the other World. */
  readonly workers: ReadonlySet<string>;
  announce(worker: string, present: boolean): void;
  tell(hint: SharedHint): void;
  end(): void;
}

/** Beyond this many bytes that the other one has not read, it is not told: it looks for itself in time. */
const MOST_UNREAD = 1_000_000;

/** Messages are lines of a verb and an id: `+ worker`, `- worker`, `work run`, `ended run`,
 * `answered request`. */
export function createPeerLink(
  socket: Socket,
  { onHint, onEnd }: { onHint(hint: SharedHint): void; onEnd(): void },
): PeerLink {
  const workers = new Set<string>();
  let gathered = "";
  // No process stays alive for its peers.
  socket.unref().setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("close", onEnd);

  const flush = (): void => {
    if (!socket.destroyed) socket.write(gathered);
    gathered = "";
  };
  const send = (line: string): void => {
    if (socket.destroyed || socket.writableLength + gathered.length > MOST_UNREAD) return;
    if (gathered === "") queueMicrotask(flush);
    gathered += `${line}\n`;
  };
  const hear = (line: string): void => {
    const [verb, id = "", name = ""] = line.split(" ");
    if (verb === "+") workers.add(id);
    else if (verb === "-") workers.delete(id);
    else if (verb === "work" || verb === "ended") onHint({ kind: verb, runId: id });
    else if (verb === "answered") onHint({ kind: verb, requestId: id });
    else if (verb === "received") onHint({ kind: verb, hookId: id });
    else if (verb === "streamed") onHint({ kind: verb, runId: id, name });
  };
  // It repeats the errors of its socket.
  createInterface({ input: socket })
    .on("line", hear)
    .on("error", () => socket.destroy());

  return {
    workers,
    announce: (worker, present) => send(`${present ? "+" : "-"} ${worker}`),
    tell: (hint) => send(`${hint.kind} ${textOf(hint)}`),
    end: () => socket.end(),
  };
}

/** What a hint is about, after its kind. No part has a space. */
function textOf(hint: SharedHint): string {
  switch (hint.kind) {
    case "answered":
      return hint.requestId;
    case "received":
      return hint.hookId;
    case "streamed":
      return `${hint.runId} ${hint.name}`;
    case "offered":
      return "";
    default:
      return hint.runId;
  }
}
