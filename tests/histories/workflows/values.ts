/** Values of every kind go in, through a step, and out. */
export async function values(given: unknown): Promise<unknown> {
  "use workflow";
  const made = {
    map: new Map<unknown, unknown>([["a", new Set([1, "two"])]]),
    date: new Date(86_400_000),
    pattern: /a+/gi,
    big: 12345678901234567890n,
    odd: [NaN, -0, Infinity, undefined, null],
    url: new URL("https://example.com/p?q=1#h"),
    bytes: new Uint8Array([0, 1, 255]),
    error: new TypeError("outer", { cause: new RangeError("inner") }),
    shared: given,
    again: given,
  };
  const echoed = await echo(made);
  return { echoed, same: echoed.shared === echoed.again, isMap: echoed.map instanceof Map };
}

async function echo<T>(value: T): Promise<T> {
  "use step";
  return value;
}
