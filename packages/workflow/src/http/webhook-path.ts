/** What every address of this engine has after an application's base path. */
const WEBHOOK_PATH = "/.well-known/workflow/v1/webhook/";

/** Whether a path (with or without a query) is one that the webhook handler answers, be it with 404. */
export function isWebhookPath(path: string): boolean {
  return beforeQuery(path).includes(WEBHOOK_PATH);
}

function beforeQuery(path: string): string {
  return path.split("?", 1)[0] ?? "";
}

/** Where a scheduler asks a process to work. */
export const WAKE_PATH = "/.well-known/workflow/v1/wake";

/** Whether a path (without a query) is the one at which a process is asked to work, below any base path. */
export function isWakePath(pathname: string): boolean {
  return pathname.endsWith(WAKE_PATH);
}

/** Where it may be asked which workflows and steps were built. */
export function isManifestPath(pathname: string): boolean {
  return pathname.endsWith("/.well-known/workflow/v1/manifest.json");
}

/** Whether a path (with or without a query) is for the handler of this engine. */
export function isHandledPath(path: string): boolean {
  const pathname = beforeQuery(path);
  return isWebhookPath(pathname) || isWakePath(pathname) || isManifestPath(pathname);
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
