import type { World } from "workflow/runtime";
import { withFaults } from "../../packages/world/src/testkit/faults.ts";
import { note } from "./evidence.ts";
import { createPointNames } from "./points.ts";

/** A World in whose writes the process can die. */
export interface Mortal {
  readonly world: World;
  /** Tells that a call from outside was acknowledged, and that this is in the evidence: another place to die. */
  onAck(): void;
  /** The places that were passed, in order. */
  readonly points: readonly string[];
}

/** How long a process lives on after its last write was lost: what does not wait for the disk has time to show. */
const LINGER_MS = 10;

/**
 * Kills the process at the point `crash`. After a write that is at once, before anyone hears of it. Before a write, that
 * one and all that follow come to nothing, and the process dies a little later.
 */
export function createMortal(kept: World, crash: string | undefined): Mortal {
  const points: string[] = [];
  const nameOf = createPointNames();
  const pass = (kind: string, phase: "before" | "after"): string => {
    const point = nameOf(kind, phase);
    points.push(point);
    return point;
  };
  let isStalled = false;
  const world = withFaults(kept, (fault) => {
    if (isStalled && fault.phase === "before") return forever();
    const point = pass(fault.write, fault.phase);
    if (point !== crash) return undefined;
    if (fault.phase === "after") return die(point);
    isStalled = true;
    setTimeout(die, LINGER_MS, point);
    return forever();
  });
  const onAck = (): void => {
    const point = pass("ack", "after");
    if (point === crash) die(point);
  };
  return { world, onAck, points };
}

function forever(): Promise<never> {
  return new Promise(() => {});
}

function die(why: string): void {
  note({ event: "kill", pid: process.pid, why });
  process.kill(process.pid, "SIGKILL");
}
