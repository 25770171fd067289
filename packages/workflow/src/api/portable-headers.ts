/** What belongs to one connection, and how messages are told apart on it. Each server sets its own. */
const OF_A_CONNECTION: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * The headers of a response with a body of `size` bytes, without those that the server that sends it has to choose. A
 * wrong length would keep its caller waiting, or pass what follows off as the next response.
 */
export function portableHeaders(given: Iterable<readonly [string, string]>, size: number): [string, string][] {
  return [...given]
    .filter(([name]) => !OF_A_CONNECTION.includes(name.toLowerCase()))
    .filter(([name, value]) => name.toLowerCase() !== "content-length" || value === String(size))
    .map(([name, value]) => [name, value]);
}
