import { type Pair, parseForm, writeForm } from "./form-urlencoded.ts";
import { addMembers } from "./intrinsics.ts";
import { live, pairsOf } from "./pairs.ts";

/** What a URL needs to keep its `searchParams` and its `search` the same. */
interface Link {
  create(query: string, changed: (query: string) => void): URLSearchParams;
  refresh(params: URLSearchParams, query: string): void;
}

export let searchParamsLink: Link;

export class URLSearchParams {
  #pairs: Pair[];
  #changed: ((query: string) => void) | undefined;

  static {
    searchParamsLink = {
      create(query, changed) {
        const params = new URLSearchParams(query);
        params.#changed = changed;
        return params;
      },
      refresh(params, query) {
        params.#pairs = parseForm(query);
      },
    };
  }

  constructor(init: unknown = "") {
    this.#pairs = initialPairs(init);
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, "append");
    this.#pairs.push([toText(name), toText(value)]);
    this.#update();
  }

  delete(name: unknown, value?: unknown): void {
    requireArguments(arguments.length, 1, "delete");
    const matches = matcher(name, value);
    this.#pairs = this.#pairs.filter((pair) => !matches(pair));
    this.#update();
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, "get");
    return this.#pairs.find(matcher(name))?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    requireArguments(arguments.length, 1, "getAll");
    return this.#pairs.filter(matcher(name)).map((pair) => pair[1]);
  }

  has(name: unknown, value?: unknown): boolean {
    requireArguments(arguments.length, 1, "has");
    return this.#pairs.some(matcher(name, value));
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, "set");
    const matches = matcher(name);
    const replacement: Pair = [toText(name), toText(value)];
    const at = this.#pairs.findIndex(matches);
    if (at === -1) this.#pairs.push(replacement);
    else
      this.#pairs = this.#pairs.flatMap((pair, index) => (index === at ? [replacement] : matches(pair) ? [] : [pair]));
    this.#update();
  }

  /** By name, in the order of UTF-16 code units; pairs of one name keep their order. */
  sort(): void {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }

  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    if (typeof visit !== "function") throw new TypeError("URLSearchParams.forEach: the callback must be a function");
    for (const [name, value] of this.entries()) Reflect.apply(visit, self, [value, name, this]);
  }

  entries(): Generator<Pair> {
    return live(
      (index) => this.#pairs[index],
      ([name, value]): Pair => [name, value],
    );
  }

  keys(): Generator<string> {
    return live(
      (index) => this.#pairs[index],
      ([name]) => name,
    );
  }

  values(): Generator<string> {
    return live(
      (index) => this.#pairs[index],
      ([, value]) => value,
    );
  }

  toString(): string {
    return writeForm(this.#pairs);
  }

  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }

  declare [Symbol.iterator]: () => Generator<Pair>;

  #update(): void {
    this.#changed?.(this.toString());
  }
}

// The standard makes them one function.
addMembers(URLSearchParams.prototype, { [Symbol.iterator]: URLSearchParams.prototype.entries });

function initialPairs(init: unknown): Pair[] {
  if ((typeof init === "object" && init !== null) || typeof init === "function") {
    return pairsOf(init, "URLSearchParams").map(([name, value]): Pair => [toText(name), toText(value)]);
  }
  return parseForm(toText(init).replace(/^\?/, ""));
}

function matcher(name: unknown, value?: unknown): (pair: Pair) => boolean {
  const wantedName = toText(name);
  const wantedValue = value === undefined ? undefined : toText(value);
  return (pair) => pair[0] === wantedName && (wantedValue === undefined || pair[1] === wantedValue);
}

/** `String()` accepts symbols, the web's conversion does not. */
function toText(value: unknown): string {
  return `${value as string}`.toWellFormed();
}

function requireArguments(given: number, needed: number, method: string): void {
  if (given < needed)
    throw new TypeError(`URLSearchParams.${method} needs ${needed} argument${needed === 1 ? "" : "s"}`);
}
