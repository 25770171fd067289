import { setTimeout as delay } from "node:timers/promises";
import { LEASE_TTL_MS } from "workflow/world";
import { pathsIn } from "../../../packages/workflow/src/local/data-directory.ts";
import type { Random } from "../../../packages/world/src/testkit/model/random.ts";
import { canWrite } from "../../support/can-write.ts";
import type { Child } from "../../support/child.ts";
import { note } from "../evidence.ts";
import { startProgram } from "../life.ts";
import { dataIn, evidenceIn } from "../storage.ts";

/** How long after the end of its lease a worker that was stalled goes on. */
const OVERSLEEP_MS = 1_500;

/** A worker's process, and those that take its place. */
export class Victim {
  readonly complaints: string[] = [];
  deaths = 0;
  readonly #directory: string;
  readonly #random: Random;
  #worker: Child;

  constructor(directory: string, random: Random) {
    this.#directory = directory;
    this.#random = random;
    this.#worker = this.#start();
  }

  #start(): Child {
    return startProgram(this.#directory, ["tests/crash/chaos/worker.ts"]);
  }

  /** Is killed, or stands still for a moment, again and again. */
  async suffer(stopAt: number): Promise<void> {
    for (;;) {
      await delay(300 + this.#random.below(1_500));
      if (performance.now() > stopAt) return;
      if (this.#random.chance(30)) await this.#pause(50 + this.#random.below(700));
      else await this.#replace();
    }
  }

  async #pause(ms: number): Promise<void> {
    void this.#worker.kill("SIGSTOP");
    await delay(ms);
    void this.#worker.kill("SIGCONT");
  }

  async #replace(): Promise<void> {
    note({ event: "kill", pid: this.#worker.pid, why: "chaos" }, evidenceIn(this.#directory));
    await this.#leave("SIGKILL");
    this.deaths += 1;
    this.#worker = this.#start();
  }

  /**
   * Stands still until it is given up, and then finds its runs in other hands. Not in the middle of a write: nobody
   * could write then until it goes on.
   */
  async stall(): Promise<void> {
    void this.#worker.kill("SIGSTOP");
    while (!canWrite(pathsIn(dataIn(this.#directory)).database)) {
      await this.#pause(0);
      void this.#worker.kill("SIGSTOP");
    }
    note({ event: "stall", pid: this.#worker.pid }, evidenceIn(this.#directory));
    await delay(LEASE_TTL_MS + OVERSLEEP_MS);
    void this.#worker.kill("SIGCONT");
  }

  async end(): Promise<void> {
    await this.#leave("SIGTERM");
  }

  async #leave(by: "SIGKILL" | "SIGTERM"): Promise<void> {
    const worker = this.#worker;
    const { code, signal } = await worker.kill(by);
    if (signal !== by) this.complaints.push(`a worker ended with ${code ?? signal}, not by ${by}`);
    if (worker.stderr !== "") this.complaints.push(`a worker complained: ${worker.stderr}`);
  }
}
