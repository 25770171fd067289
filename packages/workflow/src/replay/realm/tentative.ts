/** Found on hooks and sleeps by `Promise.race`: waits for them in a way that can be taken back. */
export const TENTATIVELY: unique symbol = Symbol("tentatively");

export interface Tentative {
  readonly promise: Promise<unknown>;
  /** Called when another won: what has come of it, or is to come, is for whoever else waits. */
  readonly withdraw: () => void;
}
