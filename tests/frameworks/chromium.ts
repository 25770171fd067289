import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const DEBIAN = "/usr/bin/chromium";

/** Debian's Chromium, installed where it is missing and can be had; else why there is none. */
export async function openBrowser(): Promise<Browser | { readonly missing: string }> {
  const missing = installed();
  if (missing !== undefined) return { missing };
  // As root there is no sandbox; and it is to speak to nobody but the page.
  const quiet = ["background-networking", "component-update", "sync", "quic", "gpu"].map((what) => `--disable-${what}`);
  return chromium.launch({ executablePath: DEBIAN, args: ["--no-sandbox", "--no-first-run", ...quiet] });
}

function installed(): string | undefined {
  if (existsSync(DEBIAN)) return undefined;
  try {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  } catch (error) {
    return `there is no ${DEBIAN}, and apt-get could not install it: ${String(error)}`;
  }
  return existsSync(DEBIAN) ? undefined : `apt-get install chromium has made no ${DEBIAN}`;
}
