import { expect, test } from "vitest";
import { createTestRealm } from "./fixtures/realm.ts";

/** Exports `add` of two 32-bit integers. */
const ADD = [
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0],
  ...[10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11],
];

test("a WebAssembly module is compiled and instantiated at once [01-1.14.web-assembly]", async () => {
  const body = `
    const module = new WebAssembly.Module(Uint8Array.from(${JSON.stringify(ADD)}));
    return new WebAssembly.Instance(module).exports.add(40, 2);`;
  expect((await createTestRealm()).open().evaluate(body)).toBe(42);
});
