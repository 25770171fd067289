import { complaintAbout } from "./world/supported-node.ts";

/** Ends the process, with one line on stderr, on a runtime that this package cannot run on. Itself runs on any. */
export function requireSupportedNode(): void {
  const complaint = complaintAbout(process.versions);
  if (complaint === undefined) return;
  process.stderr.write(`${complaint} (UNSUPPORTED_NODE)\n`);
  process.exit(1);
}
