import { createWebhook } from "workflow";

/** One with all settings, one without; what comes is read in the realm, and by a step. */
export async function webhook(): Promise<unknown[]> {
  "use workflow";
  const first = createWebhook({
    respondWith: new Response("<ok/>", { status: 203, headers: { "content-type": "text/xml" } }),
    metadata: { first: true },
    expiresIn: "30 days",
    verify: { scheme: "github", secret: "GITHUB_SECRET" },
  });
  const second = createWebhook();
  const urls = await shorten([first.url, second.url]);
  const [one, two] = await Promise.all([first, second]);
  const { method, url, headers } = one;
  return [urls, method, url, headers.get("x-twice"), await one.clone().text(), await read(one), await two.text()];
}

async function shorten(urls: string[]): Promise<number[]> {
  "use step";
  return urls.map((url) => url.length);
}

async function read(request: Request): Promise<string> {
  "use step";
  return request.text();
}
