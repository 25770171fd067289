import type { WorldName } from "../workloads.ts";

/** A World that is measured. Disposing of it ends what was started for it. */
export interface Target extends AsyncDisposable {
  readonly world: WorldName;
  /** What has to be known of it to compare figures, such as its version. */
  readonly description: string;
  /** What its floors are called. */
  readonly floors: Readonly<Record<keyof Floors, string>>;
  openPlace(): Promise<Place>;
}

/** Where the processes of one scenario keep their data, under names. Disposing of it removes all that. */
export interface Place extends AsyncDisposable {
  /** Tells a process to keep its data under this name. Nothing is there when the name is new. */
  env(name: string): Readonly<Record<string, string>>;
  /** Does what the World's storage would do by itself, sooner or later, after a lot was written. */
  settle(): Promise<void>;
  /** Now. */
  measureFloors(): Promise<Floors>;
}

/** What storing costs, whoever does it. Samples in milliseconds. */
export interface Floors {
  /** One row of 300 bytes in a transaction of its own, on one connection. */
  readonly commit: readonly number[];
  /** What such a transaction cannot do without. */
  readonly least: readonly number[];
}

export const FLOOR_BYTES = 300;
export const FLOOR_WARM_UP = 20;
export const FLOOR_SAMPLES = 100;
