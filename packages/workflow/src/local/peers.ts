import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Peers as Telling, SharedHint } from "../world-parts/hints.ts";
import { addressFor } from "./peer-address.ts";
import { createPeerLink, type PeerLink } from "./peer-link.ts";

/**
 * The other Worlds on the same data, in this and in other processes, as far as they can be reached: each listens on a
 * local socket, whose address stands in a file, and knows which workers the others have. Hints only: a message that
 * is lost costs a sweep.
 */
export interface Peers extends Telling {
  close(): void;
}

/** Nobody is told: where time is a test's, nothing may depend on how fast messages are. */
export const NO_PEERS: Peers = { announce: () => {}, tell: () => {}, close: () => {} };

export function connectPeers(directory: string, onHint: (hint: SharedHint) => void): Peers {
  const peers = new Mesh(directory, onHint);
  void peers.open();
  return peers;
}

const SUFFIX = ".address";

class Mesh implements Peers {
  readonly #directory: string;
  readonly #onHint: (hint: SharedHint) => void;
  readonly #id = randomUUID().slice(0, 13);
  readonly #workers = new Set<string>();
  readonly #links = new Set<PeerLink>();
  readonly #server: Server;
  #closed = false;

  constructor(directory: string, onHint: (hint: SharedHint) => void) {
    this.#directory = directory;
    this.#onHint = onHint;
    this.#server = createServer((socket) => this.#link(socket)).unref();
    this.#server.on("error", () => this.#server.close());
  }

  /** Listens first and looks for others after, so that of two that start at once each finds the other. */
  async open(): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true });
      const address = addressFor(this.#directory, this.#id);
      await new Promise<void>((resolve) => {
        this.#server.once("error", () => resolve());
        this.#server.listen(address, resolve);
      });
      if (this.#closed) return void this.#server.close();
      if (this.#server.listening) await writeFile(this.#file(this.#id), address);
      if (this.#closed) return void remove([this.#file(this.#id)]);
      const files = (await readdir(this.#directory)).filter((name) => name.endsWith(SUFFIX));
      await Promise.all(files.filter((name) => name !== this.#id + SUFFIX).map((name) => this.#connect(name)));
    } catch {
      // A directory that allows no socket, or that is gone: the sweep does it all.
    }
  }

  #file(id: string): string {
    return join(this.#directory, id + SUFFIX);
  }

  async #connect(name: string): Promise<void> {
    const file = join(this.#directory, name);
    const address = await readFile(file, "utf8");
    if (this.#closed) return;
    const socket = connect(address);
    // Where the data has another path (in another container, say), what is not found here may be alive there.
    const isOurs = address === addressFor(this.#directory, name.slice(0, -SUFFIX.length));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Its process is dead: nobody listens.
      if (isOurs && (error.code === "ECONNREFUSED" || error.code === "ENOENT")) void remove([file, address]);
    });
    this.#link(socket);
  }

  #link(socket: Socket): void {
    const link = createPeerLink(socket, { onHint: this.#onHint, onEnd: () => void this.#links.delete(link) });
    this.#links.add(link);
    for (const worker of this.#workers) link.announce(worker, true);
  }

  announce(worker: string, present: boolean): void {
    if (present) this.#workers.add(worker);
    else this.#workers.delete(worker);
    for (const link of this.#links) link.announce(worker, present);
  }

  tell(hint: SharedHint, worker: string | null): void {
    const owners = worker === null ? [] : [...this.#links].filter((link) => link.workers.has(worker));
    for (const link of owners.length > 0 ? owners : this.#links) link.tell(hint);
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links) link.end();
    this.#server.close();
    void remove([this.#file(this.#id)]);
  }
}

async function remove(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true }).catch(() => undefined);
}
