import { expect, test } from "vitest";
import { makeProject } from "./fixtures/project.ts";
import { runApp, type AppResult } from "./fixtures/run-app.ts";

const start = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>): Promise<AppResult> =>
  runApp(makeProject(files), "main.ts", { setup: "../../register.ts", env });

const OFF = { WORKFLOW_WORKER: "off" };
const STEPS = {
  "steps.ts": `console.log("steps", Reflect.get(globalThis, "ready"));\nexport async function charge() { "use step"; }`,
};
const DEPLOYMENT = `const deployment = Reflect.get(globalThis, Symbol.for("workflow.deployment"));\n`;

test("the app has a deployment before it starts, and ends when it has nothing to do", async () => {
  const main = `${DEPLOYMENT}export async function order() { "use workflow"; return 1; }
const { source } = await deployment.codeFor(order.workflowId);
console.log(source.includes("workflow//./main//order"));`;
  expect(await start({ "main.ts": main }, OFF)).toEqual({ code: 0, stdout: "true\n", stderr: "" });
});

test("a step's module is not imported before the app has set up what it needs", async () => {
  const main = `${DEPLOYMENT}import { setTimeout } from "node:timers/promises";
void deployment.loadStep("step//./steps//charge");
await setTimeout(50);
Reflect.set(globalThis, "ready", true);`;
  expect(await start({ "main.ts": main, ...STEPS }, OFF)).toEqual({ code: 0, stdout: "steps true\n", stderr: "" });
});

test("an app that waits for a step at its top level does not wait for ever", async () => {
  const main = `${DEPLOYMENT}await deployment.loadStep("step//./steps//charge");\nconsole.log("went on");`;
  expect(await start({ "main.ts": main, ...STEPS }, OFF)).toEqual({
    code: 0,
    stdout: "steps undefined\nwent on\n",
    stderr: "",
  });
});

test("worker threads get the hooks and nothing else", async () => {
  const main = `${DEPLOYMENT}import { isMainThread, Worker } from "node:worker_threads";
const kind: string = isMainThread ? "main" : "thread";
console.log(kind, deployment !== undefined);
if (isMainThread) new Worker(new URL(import.meta.url));`;
  expect(await start({ "main.ts": main }, OFF)).toEqual({ code: 0, stdout: "main true\nthread false\n", stderr: "" });
});

test("an app goes on when the worker cannot start, and the reason is printed", async () => {
  const files = { "main.ts": `setTimeout(() => console.log("serving"), 1000);` };
  const { code, stdout, stderr } = await start(files, { WORKFLOW_TARGET_WORLD: "no-such-world" });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "serving\n" });
  expect(stderr).toContain("workflow: the worker did not start; this process does not execute runs.");
  expect(stderr).toContain("no-such-world");
});
