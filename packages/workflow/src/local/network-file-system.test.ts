import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openWorld, temporaryDirectory } from "./fixtures/scene.ts";
import { isNetworkPath, networkFileSystem } from "./network-file-system.ts";
import { createLocalWorld } from "./world.ts";

const types = vi.hoisted(() => new Map<unknown, bigint>());

vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  const statfsSync = (path: string, options: { bigint: true }): object => {
    const real = fs.statfsSync(path, options);
    return { ...real, type: types.get(path) ?? real.type };
  };
  return { ...fs, statfsSync };
});

afterEach(() => types.clear());

const NFS = 0x6969n;
const FUSE = 0x65735546n;

test.each([
  [NFS, "NFS"],
  [0x517bn, "SMB"],
  [0xff534d42n, "CIFS"],
  [BigInt.asIntN(32, 0xff534d42n), "CIFS"],
  [0xfe534d42n, "SMB2"],
  [BigInt.asUintN(64, BigInt.asIntN(32, 0xfe534d42n)), "SMB2"],
  [0x5346414fn, "AFS"],
  [0x6b414653n, "AFS"],
  [0x00c36400n, "Ceph"],
  [0x0bd00bd0n, "Lustre"],
  [0x47504653n, "GPFS"],
  [0x19830326n, "BeeGFS"],
  [0x01021997n, "9p"],
  [0x7461636fn, "OCFS2"],
  [0x01161970n, "GFS2"],
])("%i is shared by machines: %s", (type, name) => {
  expect(networkFileSystem(type)).toBe(name);
});

test.each([
  ["ext4", 0xef53n],
  ["XFS", 0x58465342n],
  ["Btrfs", 0x9123683en],
  ["ZFS", 0x2fc12fc1n],
  ["tmpfs", 0x01021994n],
  ["overlay", 0x794c7630n],
  ["FUSE", FUSE],
  ["APFS, as macOS numbers it", 26n],
  ["what nobody knows", 0x12345678n],
])("%s is left alone", (_name, type) => {
  expect(networkFileSystem(type)).toBeUndefined();
});

test.each([
  [String.raw`\\server\share\data`, true],
  [String.raw`\\wsl.localhost\Ubuntu\home`, true],
  [String.raw`\\?\UNC\server\share`, true],
  [String.raw`\\?\C:\data`, false],
  [String.raw`\\.\C:\data`, false],
  [String.raw`C:\data`, false],
])("of Windows, %s is on another machine: %s", (path, expected) => {
  expect(isNetworkPath(path)).toBe(expected);
});

test("a directory on a network file system is refused before anything is created in it", async () => {
  const directory = temporaryDirectory();
  types.set(directory, NFS);
  await expect(createLocalWorld({ directory })).rejects.toMatchObject({
    name: "WorkflowWorldError",
    code: "WORLD_FAILED",
    message: expect.stringMatching(
      new RegExp(`${directory} .*network file system \\(NFS\\).*locks.*damage.*local disk.*several machines`),
    ),
  });
  expect(readdirSync(directory)).toEqual([]);
});

test("a directory that would be created on one is refused, and not created", async () => {
  const mount = temporaryDirectory();
  types.set(mount, NFS);
  await expect(createLocalWorld({ directory: join(mount, "deep/data") })).rejects.toThrow("(NFS)");
  expect(existsSync(join(mount, "deep"))).toBe(false);
});

test("what counts is the directory itself, not what it is mounted under", async () => {
  const parent = temporaryDirectory();
  const directory = join(parent, "data");
  mkdirSync(directory);
  types.set(parent, NFS);
  types.set(directory, FUSE);
  await openWorld(directory);
  expect(existsSync(join(directory, "workflow.db"))).toBe(true);
});
