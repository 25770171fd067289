import { expect, test } from "vitest";
import { withRegister } from "./scripts.ts";

test.each([
  ["node app.js", "node --import workflow/register app.js"],
  ["tsx watch src/app.ts", "node --watch --import workflow/register src/app.ts"],
  ["tsx src/app.ts", "node --import workflow/register src/app.ts"],
  ["PORT=3000 DEBUG= node app.js", "PORT=3000 DEBUG= node --import workflow/register app.js"],
  ["cross-env PORT=3000 node app.js", "cross-env PORT=3000 node --import workflow/register app.js"],
  ["npm run build && node dist/app.js", "npm run build && node --import workflow/register dist/app.js"],
  ["nest start --watch", 'nest start --watch --exec "node --import workflow/register"'],
  ["nest start", 'nest start --exec "node --import workflow/register"'],
])("%s comes to know workflows", (command, expected) => {
  expect(withRegister(command)).toBe(expected);
  expect(withRegister(expected)).toBe(expected);
});

test.each([
  "nodemon app.js",
  "node-dev app.js",
  "echo node app.js",
  "next dev",
  "node",
  "tsx",
  "nest build",
  "nodenest start",
])("%s stays", (command) => {
  expect(withRegister(command)).toBe(command);
});
