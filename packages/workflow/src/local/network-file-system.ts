import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/**
 * By the number that Linux has for each (`f_type` of statfs(2)). Other systems number their file systems from 1 on
 * and name none of these. FUSE is not listed: it may be anything, and often is a local disk.
 */
const NAMES: ReadonlyMap<bigint, string> = new Map([
  [0x6969n, "NFS"],
  [0x517bn, "SMB"],
  [0xff534d42n, "CIFS"],
  [0xfe534d42n, "SMB2"],
  [0x5346414fn, "AFS"],
  [0x6b414653n, "AFS"],
  [0x00c36400n, "Ceph"],
  [0x0bd00bd0n, "Lustre"],
  [0x47504653n, "GPFS"],
  [0x19830326n, "BeeGFS"],
  [0x01021997n, "9p"],
  [0x7461636fn, "OCFS2"],
  [0x01161970n, "GFS2"],
]);

/** The name of a file system that is not this machine's alone. Undefined for every other, known or not. */
export function networkFileSystem(type: bigint): string | undefined {
  // A system of 32 bits gives the number with a sign.
  return NAMES.get(BigInt.asUintN(32, type));
}

/** Whether a path of Windows names another machine: `\\server\share`, and its long form. */
export function isNetworkPath(path: string): boolean {
  return /^\\\\(?:[?.]\\UNC\\|(?![?.]\\))/i.test(path);
}

/** What an absolute path leads to, if that is not a disk of this machine. What does not exist is on its parent's. */
export function networkFileSystemOf(directory: string): string | undefined {
  if (process.platform === "win32") return isNetworkPath(directory) ? "a network share" : undefined;
  const type = typeOfNearest(directory);
  return type === undefined ? undefined : networkFileSystem(type);
}

function typeOfNearest(path: string): bigint | undefined {
  try {
    return statfsSync(path, { bigint: true }).type;
  } catch {
    const parent = dirname(path);
    return parent === path ? undefined : typeOfNearest(parent);
  }
}
