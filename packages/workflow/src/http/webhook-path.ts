/** What every address of this engine has after an application's base path. */
const WEBHOOK_PATH = "/.well-known/workflow/v1/webhook/";

/** Whether a path (with or without a query) is one that the webhook handler answers, be it with 404. */
export function isWebhookPath(path: string): boolean {
  const [beforeQuery = ""] = path.split("?", 1);
  return beforeQuery.includes(WEBHOOK_PATH);
}

/** The token in the path of a webhook's address, below any base path; undefined in what is no such address. */
export function tokenOfPath(pathname: string): string | undefined {
  const at = pathname.lastIndexOf(WEBHOOK_PATH);
  const encoded = at === -1 ? "" : pathname.slice(at + WEBHOOK_PATH.length);
  if (encoded === "" || encoded.includes("/")) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
