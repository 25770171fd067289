import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { afterEach, describe, expect, test } from "vitest";
import { rolldown } from "rolldown";
import { transformSync } from "rolldown/utils";
import { compile } from "./compile.ts";
import { registeredSteps, type StepFunction } from "./registration.ts";
import type { Compiled, Mode } from "./types.ts";

afterEach(() => registeredSteps().clear());

describe("host code", () => {
  test("a workflow that is called directly rejects, and says what to do [01-1.1.direct-call] [01-1.1.workflow-id] [01-1.17.11] [01-1.16.host]", async () => {
    const { order, flow } = await load<Record<string, StepFunction & { workflowId?: string }>>(
      "host",
      `export async function order({ id }) { "use workflow"; return id; }
       export const flow = async () => { "use workflow"; };`,
    );
    await expect(order?.()).rejects.toThrow(
      /^You attempted to execute .*order.*start\(order, args\).*"workflow\/api".*WORKFLOW_DIRECT_CALL/,
    );
    expect(order?.workflowId).toBe("workflow//./m//order");
    await expect(flow?.()).rejects.toThrow(/^You attempted to execute/);
    expect(flow?.workflowId).toBe("workflow//./m//flow");
  });

  test("steps run, keep their names and are registered as the functions themselves [01-1.2.plain-call] [01-1.2.step-id] [01-1.16.host] [01-1.4.form] [01-1.3.object-method]", async () => {
    const exported = await load<{
      charge: StepFunction;
      refund: StepFunction;
      tools: { pay: { execute: StepFunction } };
    }>(
      "host",
      `export async function charge(n) { "use step"; return n + base; }
       charge.maxRetries = 0;
       const base = 40;
       export const refund = async (n) => { "use step"; return -n; };
       export const tools = { pay: { async execute(n) { "use step"; return n * 2; } } };`,
    );
    expect(await exported.charge(2)).toBe(42);
    expect(registered("charge")).toBe(exported.charge);
    const { maxRetries, stepId, name } = exported.charge;
    expect({ maxRetries, stepId, name }).toEqual({ maxRetries: 0, stepId: "step//./m//charge", name: "charge" });
    expect(registered("refund")).toBe(exported.refund);
    expect(exported.refund.name).toBe("refund");
    expect(registered("tools/pay/execute")).toBe(exported.tools.pay.execute);
    expect(await exported.tools.pay.execute(4)).toBe(8);
  });

  test("a step is registered before code of its module waits for anything", async () => {
    const { found } = await load<{ found: boolean }>(
      "host",
      `export const found = await Promise.resolve(globalThis[Symbol.for("workflow.steps")].has("step//./m//late"));
       export async function late() { "use step"; }`,
    );
    expect(found).toBe(true);
  });

  test("of a step in several copies of a module the last counts, but not one that is compiled as a second copy", async () => {
    const source = `export async function charge() { "use step"; }`;
    const input = { source, file: "/app/m.ts", moduleSpecifier: "./m", mode: "host" } as const;
    const second = compile({ ...input, isSecondCopy: true });
    const alone = await evaluate<{ charge: StepFunction }>(second);
    expect(registered("charge")).toBe(alone.charge);
    const last = await evaluate<{ charge: StepFunction }>(compile(input));
    expect(registered("charge")).toBe(last.charge);
    await evaluate(second);
    expect(registered("charge")).toBe(last.charge);
  });

  test("a static method keeps its class as `this` [01-1.3.static-method]", async () => {
    const { Mailer } = await load<{ Mailer: { send: StepFunction } }>(
      "host",
      `export class Mailer { static from = "me"; static async send(to) { "use step"; return this.from + to; } }`,
    );
    expect(await Mailer.send(">you")).toBe("me>you");
    expect(registered("Mailer/send")).toBe(Mailer.send);
  });

  test("a nested step of a workflow gets the values that it captured [01-1.3.nested] [01-1.3.captures] [06-6.1.closures]", async () => {
    await load(
      "host",
      `const rate = 2;
       export async function order(id, { customer, ...rest }) {
         "use workflow";
         let total = 1;
         const charge = async (times) => { "use step"; total += 1; return times === 0 ? [id, customer, rest, total * rate] : charge(times - 1); };
         return charge(1);
       }`,
    );
    const captured = { id: "o1", customer: "c", rest: { a: 1 }, total: 5 };
    expect(await bound("order/charge", captured)(1)).toEqual(["o1", "c", { a: 1 }, 14]);
    expect(await bound("order/charge", captured)(0)).toEqual(["o1", "c", { a: 1 }, 12]);
  });

  test("a nested arrow function gets the `this` that it captured [01-1.3.lexical-this] [06-6.1.closures]", async () => {
    await load("host", `export class A { make(x) { return async () => { "use step"; return [this.id, x]; }; } }`);
    expect(await bound("A/make/anonymous", { this: { id: 7 }, x: 8 })()).toEqual([7, 8]);
  });

  test("a step that a factory made works where it is, and says what it captured [01-1.3.factory]", async () => {
    const { sender } = await load<{ sender: (channel: string) => StepFunction }>(
      "host",
      `export function sender(channel) { const mark = "#"; return async function send(text) { "use step"; return mark + channel + text; }; }`,
    );
    const send = sender("ops");
    expect(await send("!")).toBe("#ops!");
    expect(send.stepId).toBe("step//./m//sender/send");
    const vars = Reflect.get(send, Symbol.for("workflow.closureVars")) as () => Record<string, unknown>;
    expect(vars()).toEqual({ mark: "#", channel: "ops" });
    expect(await bound("sender/send", vars())("!")).toBe("#ops!");
  });
});

describe("realm code", () => {
  test("workflows run with proxies in the place of steps [01-1.16.sandbox] [01-1.16.imports] [01-1.2.proxy]", async () => {
    const asked: unknown[] = [];
    const { order } = await load<{ order: (id: string) => Promise<unknown> }>(
      "realm",
      `import fs from "node:does-not-exist";
       export async function order(id) {
         "use workflow";
         const done = [await charge(1), await early(2)];
         let count = done.length;
         async function early(n) { "use step"; return fs.read(n, id, count); }
         count += 1;
         return [...done, await early(3)];
       }
       async function charge(n) { "use step"; return fs.read(n); }
       fs.serve(() => process.exit(1));`,
      {
        step:
          (id, vars) =>
          async (...args) =>
            asked.push([id, args, readVars(vars)]),
      },
    );
    expect(await order("o1")).toEqual([1, 2, 3]);
    expect(asked).toEqual([
      ["step//./m//charge", [1], undefined],
      ["step//./m//order/early", [2], "count is not there yet"],
      ["step//./m//order/early", [3], { id: "o1", count: 3 }],
    ]);
  });

  test("module-level steps and workflows are usable from the top of the module", async () => {
    const { flows, steps } = await load<{ flows: { workflowId: string }[]; steps: unknown[] }>(
      "realm",
      `export const flows = [order];
       export const steps = [charge];
       export async function order() { "use workflow"; }
       async function charge() { "use step"; }`,
      { step: (id) => Object.assign(async () => undefined, { stepId: id }) },
    );
    expect(flows.map(({ workflowId }) => workflowId)).toEqual(["workflow//./m//order"]);
    expect(steps).toEqual([expect.objectContaining({ stepId: "step//./m//charge" })]);
  });

  test("every workflow of the manifest is exported under the name given there, with its id [01-1.4.form] [01-1.1.workflow-id]", async () => {
    const source = `
      async function a() { "use workflow"; return "a"; }
      const b = async () => { "use workflow"; return "b"; };
      export const c = { async inner() { "use workflow"; return "c"; } };
      export class D { static async run() { "use workflow"; return "d"; } }
      export { a as renamed };
      export default async function () { "use workflow"; return "default"; }`;
    const exported = await load<Record<string, StepFunction & { workflowId: string }>>("realm", source);
    const { workflows } = run("realm", source).manifest;
    expect(workflows.map(({ workflowId, exportName }) => exported[exportName]?.workflowId === workflowId)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(await Promise.all(workflows.map(({ exportName }) => exported[exportName]?.()))).toEqual([
      "a",
      "b",
      "c",
      "d",
      "default",
    ]);
  });

  test("what a module exports besides can be used, and is dropped when it is not", async () => {
    const source = `
      import { connect } from "database";
      export const client = connect("url");
      export const { host, ports: [port] } = client.address();
      export const table = { [host]: port };
      export class Repository extends client.Base { static shared = new Repository(); }
      export const pending = await client.ready();
      export async function other() { "use workflow"; return [helper, another]; }
      export const another = async () => { "use workflow"; };
      export async function step() { "use step"; }
      const helper = connect("other");
      export async function order() { "use workflow"; return host + port; }
      export default client.describe();`;
    const code = await bundle(source, `export { order } from "./m.ts";`);
    expect(code).not.toMatch(/Repository|table|pending|other|another|step|describe/);
    const exported: { order?: () => Promise<string> } = {};
    const database = { connect: () => ({ address: () => ({ host: "h", ports: [1] }) }) };
    new Function("exports", "require", code)(exported, () => database);
    expect(await exported.order?.()).toBe("h1");
    expect(await bundle(source, `import "./m.ts"; export default 1;`)).not.toContain("connect(");
  });
});

test.each<Mode>(["host", "realm"])("%s code maps back to the source", (mode) => {
  const source = `import { sleep } from "workflow";

export async function order() {
  "use workflow";
  const nested = async () => {
    "use step";
    throw new Error("in step");
  };
  await sleep("1s");
  throw new Error("in workflow");
}
`;
  const { code, map } = run(mode, source);
  const text = mode === "realm" ? "in workflow" : "in step";
  const trace = new TraceMap(map);
  expect(originalPositionFor(trace, positionOf(code, `new Error("${text}"`))).toMatchObject({
    source: "/app/m.ts",
    ...positionOf(source, `new Error("${text}"`),
  });
  expect(trace.sourcesContent).toContain(source);
});

test("a module without directives is returned as it is", () => {
  const source = `await import("x");\n`;
  expect(run("realm", source)).toMatchObject({
    code: source,
    manifest: { workflows: [], steps: [], classes: [] },
    diagnostics: [],
  });
});

interface FakeRealm {
  readonly step: (id: string, vars?: () => Record<string, unknown>) => StepFunction;
}

function run(mode: Mode, source: string): Compiled {
  return compile({ source, file: "/app/m.ts", moduleSpecifier: "./m", mode });
}

async function load<Exports>(mode: Mode, source: string, realm?: FakeRealm): Promise<Exports> {
  return await evaluate(run(mode, source), realm);
}

/** Evaluates the output as a module. */
async function evaluate<Exports>({ code, diagnostics }: Compiled, realm?: FakeRealm): Promise<Exports> {
  expect(diagnostics).toEqual([]);
  const key = `realm-${crypto.randomUUID()}`;
  Reflect.set(globalThis, Symbol.for(key), realm);
  const script = `const __workflow = globalThis[Symbol.for("${key}")];\n${transformSync("/app/m.ts", code).code}`;
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(script)}`)) as Exports;
}

async function bundle(source: string, entry: string): Promise<string> {
  const files: Record<string, string> = { "/app/entry.ts": entry, "/app/m.ts": run("realm", source).code };
  const build = await rolldown({
    input: "/app/entry.ts",
    external: ["database"],
    treeshake: { propertyReadSideEffects: false },
    plugins: [
      {
        name: "memory",
        resolveId: (id) => (id === "database" ? undefined : `/app/${id.split("/").at(-1)}`),
        load: (id) => files[id],
      },
    ],
  });
  const { output } = await build.generate({ format: "cjs" });
  return output[0].code;
}

function registered(path: string): StepFunction | undefined {
  const step = registeredSteps().get(`step//./m//${path}`);
  return step !== undefined && "fn" in step ? step.fn : undefined;
}

function bound(path: string, vars: Record<string, unknown>): StepFunction {
  const step = registeredSteps().get(`step//./m//${path}`);
  if (step === undefined || !("bind" in step)) throw new Error(`${path} is not registered as a nested step`);
  return step.bind(vars);
}

function readVars(vars: (() => Record<string, unknown>) | undefined): unknown {
  try {
    return vars?.();
  } catch {
    return "count is not there yet";
  }
}

function positionOf(text: string, part: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(part)).split("\n");
  return { line: before.length, column: before.at(-1)?.length ?? 0 };
}
