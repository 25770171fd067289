import { expect, test } from "vitest";
import { complaintAbout } from "./supported-node.ts";

test.each(["22.15.0", "22.23.3", "23.5.0", "24.0.0", "26.1.0"])("Node %s will do", (node) => {
  expect(complaintAbout({ node })).toBeUndefined();
});

test.each(["18.20.8", "20.20.2", "22.14.0", "23.4.0"])(
  "Node %s will not, and the complaint says so in one line",
  (node) => expect(complaintAbout({ node })).toBe(`workflow needs Node.js 22.15 or newer; this is ${node}`),
);

test.each([
  [{ node: "26.3.0", bun: "1.4.5" }, "Bun 1.4.5"],
  [{ node: "26.3.0", deno: "2.9.6" }, "Deno 2.9.6"],
])("what is not Node.js will not, whatever it says it is: %j", (versions, name) => {
  expect(complaintAbout(versions)).toBe(`workflow needs Node.js 22.15 or newer; this is ${name}`);
});

test("what says nothing may be a browser that never comes to run anything", () => {
  expect([complaintAbout(undefined), complaintAbout({})]).toEqual([undefined, undefined]);
});
