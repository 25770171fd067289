import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A socket's path is at most 103 bytes on macOS, 107 on Linux; longer ones are cut off silently. */
const LONGEST_PATH = 100;

/** Where the World with this id listens: a socket in `directory` where its path is short enough. */
export function addressFor(directory: string, id: string, platform: NodeJS.Platform = process.platform): string {
  const name = `${createHash("sha256").update(directory).digest("hex").slice(0, 12)}-${id}`;
  if (platform === "win32") return `\\\\.\\pipe\\workflow-${name}`;
  const path = join(directory, `${id}.sock`);
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join(tmpdir(), `workflow-${name}.sock`);
}
