/** What the runs of the chaos are, and what they must come to. */

export const STEPS = 4;
export const WORDS = 3;
export const FAN = 6;
export const CHUNKS = 5;
/** The last word that a run takes which does not know how many there are. */
export const END = "end of ";

export const SHAPES = ["sequence", "words", "doubts", "echo", "fan", "stubborn", "tale", "parent", "doomed"] as const;
export type Shape = (typeof SHAPES)[number];

export interface Planned {
  readonly name: string;
  readonly shape: Shape;
}

export function planned(index: number): Planned {
  const shape = SHAPES[index % SHAPES.length] as Shape;
  return { name: `${shape} ${index}`, shape };
}

export function wordsFor(name: string): readonly string[] {
  return Array.from({ length: WORDS }, (_, n) => `word ${n + 1} of ${name}`);
}

/** Undefined where it depends on what was sent, or where there is no result. */
export function expected({ name, shape }: Planned): string | undefined {
  switch (shape) {
    case "sequence":
      return stamped(Array.from({ length: STEPS }, (_, n) => `${n + 1} of ${name}`));
    case "words":
      return stamped(wordsFor(name));
    case "echo":
      return stamped([`word of ${name}`]);
    case "fan":
      return stamped(Array.from({ length: FAN }, (_, n) => `${n} of ${name}`));
    case "stubborn":
    case "tale":
      return stamped([name]);
    case "parent":
      return stamped([`left of ${name}`, `right of ${name}`]);
    case "doubts":
    case "doomed":
      return undefined;
  }
}

function stamped(names: readonly string[]): string {
  return names.map((name) => `${name}!`).join(", ");
}
