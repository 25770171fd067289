// What cannot be stored, at each place where something is (contract 06 sections 6.4 and 6.10).
import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { SerializationError } from "../../packages/workflow/src/world/errors.ts";
import { deployProject, type Files, type Outcome, runProject } from "../support/project.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const SERDE = `import { WORKFLOW_DESERIALIZE, WORKFLOW_SERIALIZE } from "@workflow/serde";\n`;

describeEngine("refused values", ({ openWorld, startEngine }) => {
  const outcome = (files: Files): Promise<Outcome<unknown>> => runProject({ openWorld, startEngine }, files);

  test.each([
    ["an instance of a class without methods for it", "new Plain()", "args[0] is an instance of Plain"],
    ["a function", "() => 1", "args[0] is a function"],
    ["a symbol", "[Symbol('s')]", "args[0][0] is the symbol Symbol(s)"],
    [
      "an instance of half a class",
      "{ half: new Half() }",
      "args[0].half is an instance of Half, which has no static method [WORKFLOW_DESERIALIZE]",
    ],
    [
      "an instance that is written as itself",
      "new Loop()",
      "it has an instance of class//./src/flow//Loop whose data lead back",
    ],
    [
      "an instance whose method throws",
      "new Broken()",
      "args[0] is an instance of Broken, whose WORKFLOW_SERIALIZE threw: Error: no way",
    ],
    ["an instance of a nested class", "local()", "args[0] is an instance of Local, a class that is not registered"],
    [
      "methods that are not static",
      "new Misplaced()",
      "args[0] is an instance of Misplaced, whose serialization methods are not static",
    ],
  ])(
    "%s as a step's argument fails that call once, and can be caught [06-A.3] [06-6.4.functions] [06-6.4.others] [06-6.4.instances] [06-6.4.one-symbol] [06-6.10.step-arguments]",
    async (_, argument, message) => {
      const flow = `${SERDE}
class Plain {}
class Half { static [WORKFLOW_SERIALIZE]() { return 1; } }
class Loop { static [WORKFLOW_SERIALIZE](it: Loop) { return { it }; } static [WORKFLOW_DESERIALIZE]() { return new Loop(); } }
class Broken { static [WORKFLOW_SERIALIZE]() { throw new Error("no way"); } static [WORKFLOW_DESERIALIZE]() { return 1; } }
class Misplaced { [WORKFLOW_SERIALIZE]() { return 1; } [WORKFLOW_DESERIALIZE]() { return 1; } }
function local() {
  class Local { static [WORKFLOW_SERIALIZE]() { return 1; } static [WORKFLOW_DESERIALIZE]() { return 1; } }
  return new Local();
}
async function take(value: unknown) { "use step"; return typeof value; }
export async function main() {
  "use workflow";
  const caught = await take(${argument}).catch((error) => [error.name, error.fatal, error.message, typeof error.hint]);
  return [caught, await take("after")];
}`;
      const { value, events } = await outcome({ "src/flow.ts": flow });
      expect(value).toEqual([["SerializationError", true, expect.stringContaining(message), "string"], "string"]);
      expect((value as string[][])[0]?.[2]).toContain(
        "The step arguments of step//./src/flow//take cannot be serialized",
      );
      expect(events.filter((type) => type === "step_created")).toHaveLength(1);
    },
  );

  test("a step's result that cannot be stored fails the step once [06-6.10.step-result]", async () => {
    const flow = `let calls = 0;
async function bad() { "use step"; calls += 1; return { deep: [new Map([["k", () => 1]])] }; }
async function count() { "use step"; return calls; }
export async function main() {
  "use workflow";
  const caught = await bad().catch((error) => [error.name, error.message]);
  return [caught, await count()];
}`;
    const { value, events } = await outcome({ "src/flow.ts": flow });
    expect(value).toEqual([
      ["SerializationError", expect.stringContaining('returnValue.deep[0].get("k") is a function')],
      1,
    ]);
    expect(events).not.toContain("step_retrying");
  });

  test("a workflow's result that cannot be stored fails the run, and the run cannot catch it [06-6.10.return-value]", async () => {
    const flow = `export async function main() { "use workflow"; try { return new (class Odd {})(); } catch { return "caught"; } }`;
    const { value, events } = await outcome({ "src/flow.ts": flow });
    expect(value).toMatchObject({ name: "WorkflowRunFailedError", errorCode: "USER_ERROR" });
    const { cause } = value as { readonly cause: Error };
    expect(cause).toBeInstanceOf(SerializationError);
    expect(cause.message).toContain(
      "The workflow return value of workflow//./src/flow//main cannot be serialized: it is an instance of Odd",
    );
    expect(events.at(-1)).toBe("run_failed");
  });

  test("an instance of a class that is not there is refused by the name of the class [06-6.4.unregistered]", async () => {
    const flow = `export async function main() { "use workflow"; return typeof await load(); }
const serialize = Symbol.for("workflow-serialize");
async function load() {
  "use step";
  class Gone { static [serialize]() { return 1; } static [Symbol.for("workflow-deserialize")]() { return 1; } }
  Object.defineProperty(Gone, Symbol.for("workflow.classId"), { value: "class//./src/gone//Gone" });
  return new Gone();
}`;
    const { value } = await outcome({ "src/flow.ts": flow });
    expect(value).toMatchObject({ errorCode: "RUNTIME_ERROR" });
    expect((value as Error).message).toContain("class//./src/gone//Gone");
  });
});

describeEngine("values at hooks", ({ openWorld, startEngine }) => {
  test("a payload that cannot be stored is refused and nothing is written; a later one arrives [06-6.10.payload]", async () => {
    await deployProject({ "src/flow.ts": HOOK_FLOW }, "src/flow.ts");
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown>({ workflowId: "workflow//./src/flow//main" }, []);
    await untilEvent(world, run.runId, "hook_created");
    const before = await eventTypes(world, run.runId);
    const refused: unknown = await resumeHook("h1", { list: [() => 1] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "SerializationError", hint: expect.any(String) as string });
    expect((refused as Error).message).toContain(
      "The hook payload of h1 cannot be serialized: payload.list[0] is a function",
    );
    expect(await eventTypes(world, run.runId)).toEqual(before);
    await resumeHook("h1", "fine");
    expect(await run.returnValue).toEqual([
      "fine",
      [
        "SerializationError",
        expect.stringContaining("The hook metadata of h2 cannot be serialized: metadata.fn is a function"),
      ],
    ]);
  });

  test("arguments that cannot be stored are refused and no run is created [06-A.3] [06-6.10.start]", async () => {
    await deployProject({ "src/flow.ts": HOOK_FLOW }, "src/flow.ts");
    const world = await openWorld();
    await startEngine({ world });
    const refused: unknown = await start({ workflowId: "workflow//./src/flow//main" }, [{ at: Symbol("x") }]).catch(
      (error: unknown) => error,
    );
    expect((refused as Error).message).toContain(
      "The workflow arguments of workflow//./src/flow//main cannot be serialized: args[0].at is the symbol",
    );
    expect((await world.runs.list({})).data).toEqual([]);
  });
});

const HOOK_FLOW = `import { createHook } from "workflow";
export async function main() {
  "use workflow";
  let refused: unknown;
  try {
    createHook({ token: "h2", metadata: { fn: () => 1 } });
  } catch (error) {
    refused = [error.name, error.message];
  }
  return [await createHook({ token: "h1" }), refused];
}`;
