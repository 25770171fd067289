/**
 * Whether a workflow can have this as a `Request`. Not by class: there are others than Node's own, and frameworks make
 * some of whatever came. Stored, a request with the method TRACE, say, would end the run.
 */
export function isRequest(value: unknown): value is Request {
  if (typeof value !== "object" || value === null) return false;
  const { method, url, headers } = value as Partial<Request>;
  if (typeof method !== "string" || typeof url !== "string" || typeof headers?.get !== "function") return false;
  try {
    return new Request(url, { method }).url !== "";
  } catch {
    return false;
  }
}
