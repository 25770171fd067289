import { join } from "node:path";
import { expect, test } from "vitest";
import { registeredClasses } from "../compiler/registration.ts";
import { WorkflowBuildError, WorkflowNotRegisteredError } from "../world/errors.ts";
import { evaluate } from "./fixtures/evaluate.ts";
import { addFiles, makeProject } from "./fixtures/project.ts";
import { createSourceDeployment, type SourceDeployment } from "./source-deployment.ts";

const deploymentOf = (root: string, appLoaded = async () => {}): SourceDeployment =>
  createSourceDeployment({ root, appLoaded });

const ORDER = {
  "src/order.ts": `import { price } from "./price.ts";
export async function order() { "use workflow"; return price; }
export async function refund() { "use workflow"; return -price; }`,
  "src/price.ts": "export const price = 1;",
};

test("code is found by the id alone [01-1.4.start] [02-2.1.reference]", async () => {
  const code = await deploymentOf(makeProject(ORDER)).codeFor("workflow//./src/order//order");
  expect(await evaluate(code.source)["workflow//./src/order//order"]?.()).toBe(1);
});

test("workflows of one module share their code, and asking twice at once builds once", async () => {
  const deployment = deploymentOf(makeProject(ORDER));
  const [one, two, three] = await Promise.all([
    deployment.codeFor("workflow//./src/order//order"),
    deployment.codeFor("workflow//./src/order//order"),
    deployment.codeFor("workflow//./src/order//refund"),
  ]);
  expect(two).toBe(one);
  expect(three).toBe(one);
});

test("code is built once for the life of the process", async () => {
  const root = makeProject(ORDER);
  const deployment = deploymentOf(root);
  const first = await deployment.codeFor("workflow//./src/order//order");
  addFiles(root, { "src/price.ts": "export const price = 2;" });
  expect(await deployment.codeFor("workflow//./src/order//order")).toBe(first);
  const restarted = await deploymentOf(root).codeFor("workflow//./src/order//order");
  expect(await evaluate(restarted.source)["workflow//./src/order//order"]?.()).toBe(2);
});

test("code that could not be built is built when its mistake is corrected", async () => {
  const broken = { "src/price.ts": `import fs from "node:fs"; export const price = fs.statSync("x").size;` };
  const root = makeProject({ ...ORDER, ...broken });
  const deployment = deploymentOf(root);
  await expect(deployment.codeFor("workflow//./src/order//order")).rejects.toThrow("node:fs");
  addFiles(root, { "src/price.ts": "export const price = 2;" });
  const code = await deployment.codeFor("workflow//./src/order//order");
  expect(await evaluate(code.source)["workflow//./src/order//order"]?.()).toBe(2);
});

test("what is wrong with a loaded module is known before a run needs it", async () => {
  const root = makeProject({
    "a.ts": `import fs from "node:fs";\nexport async function a() { "use workflow"; return fs.statSync("x"); }`,
  });
  const deployment = deploymentOf(root);
  await expect(deployment.buildLoaded()).resolves.toBeUndefined();
  deployment.add(join(root, "a.ts"), {
    workflows: [{ workflowId: "workflow//./a//a", exportName: "a", line: 2 }],
    steps: [],
    classes: [],
  });
  await expect(deployment.buildLoaded()).rejects.toThrow("a.ts:1:16");
});

test("two loaded modules with the same step are refused with both names [01-1.3.duplicates]", () => {
  const root = makeProject({});
  const deployment = deploymentOf(root);
  const manifest = { workflows: [], steps: [{ stepId: "step//./a//charge", line: 1 }], classes: [] };
  deployment.add(join(root, "a.ts"), manifest);
  deployment.add(join(root, "a.ts"), manifest);
  expect(() => deployment.add(join(root, "a.js"), manifest)).toThrow(/a\.js and in .*a\.ts/);
});

test.each([
  "workflow//./src/order//other",
  "workflow//./src/nowhere//order",
  "workflow//missing@1.0.0//order",
  "order",
])("%s is not registered [01-1.1.exported]", async (id) => {
  const rejection = deploymentOf(makeProject(ORDER)).codeFor(id);
  await expect(rejection).rejects.toBeInstanceOf(WorkflowNotRegisteredError);
});

test("code that cannot be built says why, also when asked again [03-3.3.WorkflowBuildError]", async () => {
  const root = makeProject({
    "src/order.ts": `import fs from "node:fs";\nexport async function order() { "use workflow"; return fs.statSync("x"); }`,
  });
  const deployment = deploymentOf(root);
  for (const attempt of [1, 2]) {
    const error: unknown = await deployment.codeFor("workflow//./src/order//order").catch((thrown: unknown) => thrown);
    expect(WorkflowBuildError.is(error), `attempt ${attempt}`).toBe(true);
    expect(String(error)).toContain(`${join(root, "src/order.ts")}:1:16`);
  }
});

test("two sources with the same workflow are refused with both names [01-1.3.duplicates]", async () => {
  const text = `export async function order() { "use workflow"; }`;
  const rejection = deploymentOf(makeProject({ "order.ts": text, "order.mts": text })).codeFor(
    "workflow//./order//order",
  );
  await expect(rejection).rejects.toThrow(/order\.mts and in .*order\.ts/);
});

test("a module that was loaded is used although the search would prefer another file", async () => {
  const root = makeProject({
    "order.ts": `export async function order() { "use workflow"; return "source"; }`,
    "order.js": `export async function order() { "use workflow"; return "output"; }`,
  });
  const deployment = deploymentOf(root);
  const id = "workflow//./order//order";
  deployment.add(join(root, "order.js"), {
    workflows: [{ workflowId: id, exportName: "order", line: 1 }],
    steps: [],
    classes: [],
  });
  expect(await evaluate((await deployment.codeFor(id)).source)[id]?.()).toBe("output");
});

test("a step's file is imported, but not before the app is loaded", async () => {
  const key = `loaded-${Math.random()}`;
  const root = makeProject({
    "steps.mjs": `globalThis[${JSON.stringify(key)}] = true;\nexport async function charge() { "use step"; }`,
  });
  let appIsLoaded = (): void => {};
  const appLoaded = new Promise<void>((resolve) => {
    appIsLoaded = resolve;
  });
  const loading = deploymentOf(root, () => appLoaded).loadStep("step//./steps//charge");
  await new Promise((resolve) => setImmediate(resolve));
  expect(Reflect.has(globalThis, key)).toBe(false);
  appIsLoaded();
  await loading;
  expect(Reflect.get(globalThis, key)).toBe(true);
});

test("a step that nobody defines is left to the worker to report", async () => {
  await expect(deploymentOf(makeProject({})).loadStep("step//./nowhere//charge")).resolves.toBeUndefined();
});

test("a class that nothing has imported is found by its id", async () => {
  const id = "class//./models//Money";
  const source = `(globalThis[Symbol.for("workflow-class-registry")] ??= new Map()).set("${id}", class {});
export class Money { static [Symbol.for("workflow-serialize")]() {} }`;
  const deployment = deploymentOf(makeProject({ "models.mjs": source }));
  registeredClasses().clear();
  await deployment.loadClass("class//./models//Other");
  expect(registeredClasses().has(id)).toBe(false);
  await deployment.loadClass(id);
  expect(registeredClasses().has(id)).toBe(true);
  await expect(deployment.loadClass("class//../../etc//Money")).resolves.toBeUndefined();
});
