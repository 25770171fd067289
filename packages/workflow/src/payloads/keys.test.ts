import { randomBytes } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { readKeys } from "./keys.ts";

afterEach(() => vi.unstubAllEnvs());

const secret = randomBytes(32);
const other = randomBytes(32);
const idOf = (text: string): Uint8Array | undefined => readKeys([text]).writing?.id;

test("a key is 32 bytes in hex, base64 or base64url, with or without padding and space around it", () => {
  const forms = [
    secret.toString("hex"),
    secret.toString("hex").toUpperCase(),
    secret.toString("base64"),
    secret.toString("base64").replace("=", ""),
    secret.toString("base64url"),
    ` ${secret.toString("hex")}\n`,
  ];
  for (const form of forms) expect(idOf(form)).toEqual(idOf(secret.toString("hex")));
  expect(idOf(other.toString("hex"))).not.toEqual(idOf(secret.toString("hex")));
});

test("the last key of WORKFLOW_ENCRYPTION_KEY writes, all of them read", () => {
  vi.stubEnv("WORKFLOW_ENCRYPTION_KEY", `${secret.toString("base64")},${other.toString("hex")}`);
  const keys = readKeys();
  expect(keys.all.map((key) => key.id)).toEqual([idOf(secret.toString("hex")), idOf(other.toString("hex"))]);
  expect(keys.writing).toBe(keys.all[1]);
});

test("without a key nothing is encrypted, and none that is given wins over the environment's", () => {
  vi.stubEnv("WORKFLOW_ENCRYPTION_KEY", "");
  expect(readKeys()).toEqual({ writing: undefined, all: [] });
  vi.stubEnv("WORKFLOW_ENCRYPTION_KEY", secret.toString("hex"));
  expect(readKeys([])).toEqual({ writing: undefined, all: [] });
});

test.each([
  ["too short", "abcd"],
  ["of another alphabet", "!".repeat(43)],
  ["too long", secret.toString("hex") + "00"],
  ["hex with a letter that is none", `g${secret.toString("hex").slice(1)}`],
  ["made of no letters", "--------"],
])("a key that is %s is refused by its place, and not repeated", (_what, text) => {
  vi.stubEnv("WORKFLOW_ENCRYPTION_KEY", `${secret.toString("hex")},${text}`);
  const error = (() => {
    try {
      readKeys();
    } catch (thrown) {
      return thrown as Error;
    }
    throw new Error("It was taken");
  })();
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: "WORKFLOW_ENCRYPTION_KEY" });
  expect(error.message).toMatch(/^Key 2 of WORKFLOW_ENCRYPTION_KEY is not 32 bytes/);
  expect(error.message).not.toContain(text);
});

test("a place without a key is refused", () => {
  expect(() => readKeys([secret.toString("hex"), ""])).toThrow(/^Key 2 of encryptionKeys/);
});
