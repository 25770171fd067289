/** What the web calls a sequence of pairs or a record: the initial value of Headers and URLSearchParams. */
export function pairsOf(init: object, what: string): [unknown, unknown][] {
  const iterate: unknown = Reflect.get(init, Symbol.iterator);
  if (iterate === undefined || iterate === null) return recordPairs(init);
  if (typeof iterate !== "function") throw new TypeError(`${what}: the initial value is not iterable`);
  const pairs: [unknown, unknown][] = [];
  for (const item of init as Iterable<unknown>) pairs.push(pairOf(item, what));
  return pairs;
}

function recordPairs(record: object): [unknown, unknown][] {
  const pairs: [unknown, unknown][] = [];
  for (const key of Reflect.ownKeys(record)) {
    if (!Object.getOwnPropertyDescriptor(record, key)?.enumerable) continue;
    if (typeof key === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
    pairs.push([key, Reflect.get(record, key)]);
  }
  return pairs;
}

function pairOf(item: unknown, what: string): [unknown, unknown] {
  const isList = typeof item === "object" && item !== null && Symbol.iterator in item;
  const parts = isList ? [...(item as Iterable<unknown>)] : [];
  if (parts.length !== 2) throw new TypeError(`${what}: each pair must be an iterable of a name and a value`);
  return [parts[0], parts[1]];
}

/**
 * Walks a list that may change meanwhile, by position, as iterators of web interfaces do.
 * @param read the entry at a position, or undefined behind the last
 */
export function* live<Entry, Item>(
  read: (index: number) => Entry | undefined,
  pick: (entry: Entry) => Item,
): Generator<Item> {
  for (let index = 0; ; index++) {
    const entry = read(index);
    if (entry === undefined) return;
    yield pick(entry);
  }
}
