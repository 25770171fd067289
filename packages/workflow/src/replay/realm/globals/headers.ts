/** `Headers` of the Fetch Standard, without a guard: every header may be set. */
import { addMembers } from "./intrinsics.ts";
import { live, pairsOf } from "./pairs.ts";

type Pair = [name: string, value: string];

const TOKEN = /^[!#$%&'*+.^`|~\w-]+$/;
const FORBIDDEN = /[\0\r\n]/;
const SURROUNDING_SPACE = /^[\t\n\r ]+|[\t\n\r ]+$/g;

export class Headers {
  /** By lower-case name, in order of first appearance; `set-cookie` alone is never combined. */
  readonly #values = new Map<string, string[]>();
  #sorted: Pair[] | undefined;

  constructor(init?: unknown) {
    if (init === undefined) return;
    if (init === null || (typeof init !== "object" && typeof init !== "function")) {
      throw new TypeError("Headers: the initial value must be a record, an iterable of pairs, or Headers");
    }
    for (const [name, value] of pairsOf(init, "Headers")) this.append(name, value);
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, "append");
    const key = nameOf(name, "append");
    const text = valueOf(value, "append");
    this.#values.set(key, [...(this.#values.get(key) ?? []), text]);
    this.#sorted = undefined;
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, "delete");
    this.#values.delete(nameOf(name, "delete"));
    this.#sorted = undefined;
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, "get");
    return this.#values.get(nameOf(name, "get"))?.join(", ") ?? null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get("set-cookie") ?? [])];
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, "has");
    return this.#values.has(nameOf(name, "has"));
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, "set");
    const key = nameOf(name, "set");
    this.#values.set(key, [valueOf(value, "set")]);
    this.#sorted = undefined;
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    if (typeof visit !== "function") throw new TypeError("Headers.forEach: the callback must be a function");
    for (const [name, value] of this.entries()) Reflect.apply(visit, self, [value, name, this]);
  }

  entries(): Generator<Pair> {
    return live(
      (index) => this.#list()[index],
      ([name, value]): Pair => [name, value],
    );
  }

  keys(): Generator<string> {
    return live(
      (index) => this.#list()[index],
      ([name]) => name,
    );
  }

  values(): Generator<string> {
    return live(
      (index) => this.#list()[index],
      ([, value]) => value,
    );
  }

  get [Symbol.toStringTag](): string {
    return "Headers";
  }

  declare [Symbol.iterator]: () => Generator<Pair>;

  #list(): Pair[] {
    return (this.#sorted ??= [...this.#values.keys()].sort().flatMap((name): Pair[] => {
      const values = this.#values.get(name)!;
      return name === "set-cookie" ? values.map((value): Pair => [name, value]) : [[name, values.join(", ")]];
    }));
  }
}

addMembers(Headers.prototype, { [Symbol.iterator]: Headers.prototype.entries });

function nameOf(name: unknown, method: string): string {
  const text = byteString(name);
  if (!isToken(text)) throw new TypeError(`Headers.${method}: "${text}" is an invalid header name`);
  return text.toLowerCase();
}

function valueOf(value: unknown, method: string): string {
  const text = byteString(value).replaceAll(SURROUNDING_SPACE, "");
  if (FORBIDDEN.test(text)) throw new TypeError(`Headers.${method}: "${text}" is an invalid header value`);
  return text;
}

/** What names of headers and methods are made of. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The web's text of bytes: a character above U+00FF has no place in it. */
export function byteString(value: unknown): string {
  const text = `${value as string}`;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) <= 255) continue;
    throw new TypeError(`Cannot convert to a ByteString: the character at index ${index} is above 255`);
  }
  return text;
}

function requireArguments(given: number, needed: number, method: string): void {
  if (given < needed) throw new TypeError(`Headers.${method} needs ${needed} argument${needed === 1 ? "" : "s"}`);
}
