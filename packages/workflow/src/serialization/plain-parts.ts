/**
 * What stands in special values must be what it was written as. An object in the place of a text could bring methods that
 * the platform would call.
 */
export function text(value: unknown): string {
  if (typeof value !== "string") throw new Error("what should be text is something else");
  return value;
}

export function pairs(value: unknown): [string, string][] {
  if (!Array.isArray(value)) throw new Error("a list of names and values is no list");
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new Error("a list of names and values has something else in it");
    return [text(pair[0]), text(pair[1])];
  });
}
