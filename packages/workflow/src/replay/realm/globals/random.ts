/** `Math.random`: xoshiro128**, one sequence per run, made from the run's seed. */
import { currentRun, type RunContext, seedOf } from "../context.ts";
import { digest } from "./host.ts";
import { addMembers } from "./intrinsics.ts";

const { imul } = Math;
const { parseInt } = Number;

export function installRandom(): void {
  addMembers(Math, { random });
}

function random(): number {
  const run = currentRun();
  if (run === undefined) throw new Error("Math.random() is not available while no run is executing");
  const state = (run.random ??= initialState(run));
  const high = next(state) >>> 5;
  const low = next(state) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/**
 * A hash of the seed, not the seed: the state can be computed from the numbers that come out, and must not
 * lead to what crypto.ts makes of the same seed.
 */
function initialState(run: RunContext): Uint32Array {
  const hex = digest("SHA-256", `workflow:random:${seedOf(run)}`);
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) state[word] = parseInt(hex.slice(word * 8, word * 8 + 8), 16);
  return state;
}

function next(state: Uint32Array): number {
  const second = state[1]!;
  const result = imul(rotate(imul(second, 5), 7), 9);
  state[2]! ^= state[0]!;
  state[3]! ^= second;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= second << 9;
  state[3] = rotate(state[3]!, 11);
  return result;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
