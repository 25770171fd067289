import { referencesOf } from "./limits.ts";

/** What only this project's payloads have where an instance stands. */
const MARK = '"instance"';

/**
 * The class of an instance whose data lead back to it. Nothing can revive that: a class is given its data whole, and
 * they would have to contain what it is about to make of them.
 * @param text What devalue wrote, at most as deep as payloads may be.
 */
export function instanceInCycle(text: string): string | undefined {
  if (!text.includes(MARK)) return undefined;
  const values: unknown = JSON.parse(text);
  return Array.isArray(values) ? new Search(values).run() : undefined;
}

/** Tarjan's algorithm: values that lead to each other form a group. */
class Search {
  readonly #values: readonly unknown[];
  readonly #order = new Map<number, number>();
  readonly #open: number[] = [];
  readonly #isOpen = new Set<number>();

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  run(): string | undefined {
    return this.#visit(0).found;
  }

  #visit(index: number): { readonly low: number; readonly found?: string | undefined } {
    const place = this.#order.size;
    const start = this.#open.length;
    this.#order.set(index, place);
    this.#open.push(index);
    this.#isOpen.add(index);
    let low = place;
    for (const next of this.#next(index)) {
      const seen = this.#order.get(next);
      if (seen === undefined) {
        const visited = this.#visit(next);
        if (visited.found !== undefined) return visited;
        low = Math.min(low, visited.low);
      } else if (this.#isOpen.has(next)) low = Math.min(low, seen);
    }
    return low === place ? { low, found: this.#close(start) } : { low };
  }

  #next(index: number): readonly number[] {
    const value = this.#values[index];
    if (typeof value !== "object" || value === null) return [];
    return referencesOf(value).filter((next): next is number => typeof next === "number" && next >= 0);
  }

  /** Takes the group off that begins there. A group of one has no way back: data are another value. */
  #close(start: number): string | undefined {
    const group = this.#open.splice(start);
    for (const member of group) this.#isOpen.delete(member);
    return group.length === 1 ? undefined : group.map((member) => this.#classOf(member)).find((id) => id !== undefined);
  }

  #classOf(index: number): string | undefined {
    const { is, classId } = (this.#values[index] ?? {}) as { readonly is?: unknown; readonly classId?: unknown };
    const isInstance = typeof is === "number" && this.#values[is] === "instance";
    const id = typeof classId === "number" ? this.#values[classId] : undefined;
    return isInstance && typeof id === "string" ? id : undefined;
  }
}
