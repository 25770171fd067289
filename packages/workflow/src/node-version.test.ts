import { expect, test } from "vitest";
import { complaintAbout } from "./node-version.ts";

test.each(["22.15.0", "22.23.3", "23.5.0", "24.0.0", "26.1.0"])("Node %s will do", (version) => {
  expect(complaintAbout(version)).toBeUndefined();
});

test.each(["18.20.8", "20.20.2", "22.14.0", "23.4.0"])(
  "Node %s will not, and the complaint says so in one line",
  (version) => {
    expect(complaintAbout(version)).toBe(
      `workflow needs Node.js 22.15 or newer; this is ${version} (UNSUPPORTED_NODE)`,
    );
  },
);
