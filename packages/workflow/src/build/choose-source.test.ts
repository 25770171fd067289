import { expect, test } from "vitest";
import { chooseSource } from "./choose-source.ts";

test("build output beside its source does not count", () => {
  expect(chooseSource(["/a.js", "/a.ts"])).toEqual({ type: "one", file: "/a.ts" });
  expect(chooseSource(["/a.mjs", "/a.mts"])).toEqual({ type: "one", file: "/a.mts" });
  expect(chooseSource(["/a.tsx", "/a.jsx"])).toEqual({ type: "one", file: "/a.tsx" });
});

test("two sources are two sources", () => {
  expect(chooseSource(["/a.mts", "/a.ts"])).toEqual({ type: "several", files: ["/a.mts", "/a.ts"] });
  expect(chooseSource(["/a.mjs", "/a.ts"])).toEqual({ type: "several", files: ["/a.mjs", "/a.ts"] });
});

test("the same file twice is one", () => {
  expect(chooseSource(["/a.ts", "/a.ts"])).toEqual({ type: "one", file: "/a.ts" });
  expect(chooseSource([])).toEqual({ type: "none" });
});
