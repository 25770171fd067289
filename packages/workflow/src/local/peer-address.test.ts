import { expect, test } from "vitest";
import { addressFor } from "./peer-address.ts";

test("a World listens beside its data, or in the temporary directory when that path is too long for a socket", () => {
  expect(addressFor("/data/peers", "abc", "linux")).toBe("/data/peers/abc.sock");
  const long = addressFor(`/${"deep/".repeat(30)}peers`, "abc", "linux");
  expect(long).toMatch(/workflow-[0-9a-f]{12}-abc\.sock$/);
  expect(long.length).toBeLessThanOrEqual(100);
  expect(addressFor("C:\\data\\peers", "abc", "win32")).toMatch(/^\\\\\.\\pipe\\workflow-[0-9a-f]{12}-abc$/);
});
