import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LEASE_TTL_MS } from "workflow/world";
import { note } from "../crash/evidence.ts";
import type { Child } from "../support/child.ts";
import type { Place } from "./place.ts";

/** How long after the end of its lease a worker that was stalled goes on. */
const OVERSLEEP_MS = 1_000;
/** How long it may take until it has read what came while it stood still, and what became of its runs. */
const IGNORANCE_MS = 2_000;
const START_PATIENCE_MS = 60_000;

/** A worker's process, and those that take its place. */
export class Victim {
  readonly complaints: string[] = [];
  /** Resolves when it goes on; undefined while it does. */
  stalling: Promise<void> | undefined;
  readonly #place: Place;
  #worker: Child;

  constructor(place: Place) {
    this.#place = place;
    this.#worker = this.#start();
  }

  get pid(): number {
    return this.#worker.pid;
  }

  #start(): Child {
    return this.#place.start(["tests/chaos/worker.ts"]);
  }

  async ready(): Promise<void> {
    await this.#worker.line(/^works$/, START_PATIENCE_MS);
  }

  /** Is killed, and another one takes its place at once. */
  async kill(): Promise<void> {
    await this.die();
    this.begin();
  }

  async die(): Promise<void> {
    note({ event: "kill", pid: this.#worker.pid, why: "chaos" }, this.#place.evidence);
    await this.#leave("SIGKILL");
  }

  begin(): void {
    this.#worker = this.#start();
  }

  /** Not for long enough that anybody would give it up. */
  async pause(ms: number): Promise<void> {
    void this.#worker.kill("SIGSTOP");
    await delay(ms);
    void this.#worker.kill("SIGCONT");
  }

  /** Stands still until it is given up, and finds its runs in other hands. */
  stall(): void {
    note({ event: "stall", pid: this.#worker.pid }, this.#place.evidence);
    this.stalling = this.#oversleep();
  }

  async #oversleep(): Promise<void> {
    const { pid } = this.#worker;
    await this.pause(LEASE_TTL_MS + OVERSLEEP_MS);
    await delay(IGNORANCE_MS);
    note({ event: "wake", pid }, this.#place.evidence);
    this.stalling = undefined;
  }

  async end(): Promise<void> {
    await this.stalling;
    await this.#leave("SIGTERM");
  }

  /** Whatever it does: the chaos has failed, or it is gone already. */
  abandon(): void {
    void this.#worker.kill("SIGKILL");
  }

  async #leave(by: "SIGKILL" | "SIGTERM"): Promise<void> {
    const worker = this.#worker;
    const { code, signal } = await worker.kill(by);
    writeFileSync(join(this.#place.directory, `worker-${worker.pid}.log`), worker.stdout + worker.stderr);
    if (signal !== by) {
      this.complaints.push(`worker ${worker.pid} ended with ${code ?? signal}, not by ${by}: ${worker.stderr}`);
    }
  }
}
