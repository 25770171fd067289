import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createBridge } from "./bridge.ts";

const broken = (): never => {
  throw new Error("out of order");
};
const bridge = createBridge({ onLog: broken, isOverdue: () => true, userStack: broken });

test("digests bytes given as latin1", () => {
  const expected = createHash("sha512")
    .update(Buffer.from([0, 127, 255]))
    .digest("hex");
  expect(bridge.digest("SHA-512", "\0\x7f\xff")).toBe(expected);
  expect(bridge.digest("MD5", "")).toBe("");
});

test("takes URLs apart, and says nothing of invalid ones", () => {
  expect(JSON.parse(bridge.parseUrl("/b?c#d", "https://u:p@a:81"))).toEqual({
    href: "https://u:p@a:81/b?c#d",
    origin: "https://a:81",
    protocol: "https:",
    username: "u",
    password: "p",
    host: "a:81",
    hostname: "a",
    port: "81",
    pathname: "/b",
    search: "?c",
    hash: "#d",
  });
  expect(bridge.parseUrl("/b", "")).toBe("");
});

test("assigns only parts that can be assigned", () => {
  expect(JSON.parse(bridge.assignUrl("http://a/", "hash", "x"))).toMatchObject({ href: "http://a/#x" });
  for (const part of ["origin", "href", "searchParams", "constructor", "__proto__"]) {
    expect(JSON.parse(bridge.assignUrl("http://a/", part, "http://b/"))).toMatchObject({ href: "http://a/" });
  }
});

test("decodes, or says why not", () => {
  expect(bridge.decodeText("utf-16le", 1, 0, "a\0b\0")).toBe("=ab");
  expect(bridge.decodeText("UTF-16", 0, 0, "")).toBe("=utf-16le");
  expect(bridge.decodeText("none", 0, 0, "")).toMatch(/^!.*none/);
  expect(bridge.decodeText("utf-8", 1, 0, "\xff")).toMatch(/^!/);
});

test("a failing log is not the caller's concern, and a failing translation leaves the stack as it is", () => {
  expect(() => bridge.log("log", "x")).not.toThrow();
  expect(bridge.userStack("Error\n    at x")).toBe("Error\n    at x");
});

test("crosses the wall with text and numbers only", () => {
  expect(bridge.isOverdue()).toBe(1);
  expect(JSON.parse(bridge.env())).toMatchObject({ PATH: process.env["PATH"] });
});
