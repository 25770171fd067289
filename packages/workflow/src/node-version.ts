/** Ends the process, with one line on stderr, on a Node that this package cannot run on. Itself runs on any. */
export function requireSupportedNode(): void {
  const complaint = complaintAbout(process.versions.node);
  if (complaint === undefined) return;
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}

/** Undefined when the version (`22.15.0`) will do. Of the odd releases, those before 23.5 lack the module hooks. */
export function complaintAbout(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major === 23 ? minor >= 5 : major > 22 || (major === 22 && minor >= 15);
  return isSupported ? undefined : `workflow needs Node.js 22.15 or newer; this is ${version} (UNSUPPORTED_NODE)`;
}
