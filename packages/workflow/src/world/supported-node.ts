/** What `process.versions` says of a runtime. */
export interface RuntimeVersions {
  readonly node?: string | undefined;
  readonly bun?: string | undefined;
  readonly deno?: string | undefined;
}

/**
 * What is to be said to whoever starts this package on a runtime that it does not run on; undefined on one that will do,
 * or that does not say what it is. Of the odd releases of Node.js, those before 23.5 lack the module hooks. Bun and Deno
 * say that they are Node.js, and are almost: docs/runtimes.md has what goes wrong there.
 */
export function complaintAbout({ node, bun, deno }: RuntimeVersions = {}): string | undefined {
  if (bun !== undefined) return complaint(`Bun ${bun}`);
  if (deno !== undefined) return complaint(`Deno ${deno}`);
  if (node === undefined) return undefined;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const isSupported = major === 23 ? minor >= 5 : major > 22 || (major === 22 && minor >= 15);
  return isSupported ? undefined : complaint(node);
}

function complaint(found: string): string {
  return `workflow needs Node.js 22.15 or newer; this is ${found}`;
}
