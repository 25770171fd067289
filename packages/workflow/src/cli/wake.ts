import { WorkflowError } from "../world/errors.ts";
import type { Command } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** How much longer than the app may work its answer is waited for, in milliseconds. */
const PATIENCE_MS = 10_000;

export const wake: Command = {
  usage: [["wake <url>", "asks the app at this address to work on what is due, and prints what came of it"]],
  flags: ["maxMs", "help"],
  async run({ positionals: [address, ...rest], flags: { maxMs } }, terminal) {
    if (address === undefined) throw new UsageError("The address is missing: workflow wake https://example.com");
    if (rest.length > 0) throw new UsageError(`wake takes one address, but got also ${rest.join(" ")}`);
    await ask(await addressOf(address), maxMs, terminal);
  },
};

/** Of an app with its base path, or the whole of it. */
async function addressOf(text: string): Promise<URL> {
  const { isWakePath, WAKE_PATH } = await import("../http/webhook-path.ts");
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${text} is no address. It is that of the app, like https://example.com/shop`);
  }
  if (!isWakePath(url.pathname)) url.pathname = url.pathname.replace(/\/$/, "") + WAKE_PATH;
  return url;
}

async function ask(url: URL, maxMs: number, terminal: Terminal): Promise<void> {
  const { requireUsable, WAKE_SECRET } = await import("../http/wake/wake-secret.ts");
  const { wakeHeaders } = await import("../http/wake/sign-wake.ts");
  const secret = process.env[WAKE_SECRET] ?? "";
  requireUsable(secret);
  const body = JSON.stringify({ maxMs });
  const headers = wakeHeaders(secret, body, Date.now());
  const signal = AbortSignal.timeout(maxMs + PATIENCE_MS);
  const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" }).catch(
    (cause: unknown) => {
      throw new WorkflowError("RUNTIME_ERROR", `${url.href} did not answer. Is the app running there?`, { cause });
    },
  );
  const text = (await response.text()).trimEnd();
  if (response.ok) return terminal.print(text);
  throw new WorkflowError(
    "RUNTIME_ERROR",
    `${url.href} answered ${response.status}: ${text}. ${adviceFor(response.status)}`,
  );
}

function adviceFor(status: number): string {
  if (status === 401) return "Has the app the same WORKFLOW_WAKE_SECRET, and are both clocks right?";
  if (status === 404) return "Is WORKFLOW_WAKE_SECRET set in the app, and its webhook handler mounted there?";
  return "The log of the app may say why";
}
