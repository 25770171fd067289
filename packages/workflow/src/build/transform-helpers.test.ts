import { transformSync } from "rolldown/utils";
import { expect, test } from "vitest";
import usingCtx from "./transform-helpers/usingCtx.ts";

/** Runs code with `using` in it, lowered as for a Node that lacks the syntax. */
async function run(body: string): Promise<unknown> {
  const source = `async function run(make) { ${body} }`;
  const { code } = transformSync("code.js", source, { target: "node22.15", sourceType: "commonjs" });
  const log: string[] = [];
  const make = (name: string, kind: "dispose" | "asyncDispose" = "dispose", fails = false): object => ({
    [Symbol[kind]]: () => {
      log.push(name);
      if (fails) throw new Error(name);
      return kind === "dispose" ? undefined : Promise.resolve().then(() => log.push(`${name} done`));
    },
  });
  const load = new Function("require", `${code}; return run;`) as (
    require: unknown,
  ) => (make: unknown) => Promise<unknown>;
  const outcome = await load(() => usingCtx)(make).catch((error: Error) => error);
  return [outcome, ...log];
}

test("using disposes in reverse order when the block ends", async () => {
  expect(await run(`using a = make("a"); using none = null; using b = make("b"); return 1;`)).toEqual([1, "b", "a"]);
});

test("await using waits for each", async () => {
  expect(
    await run(`await using a = make("a", "asyncDispose"); await using b = make("b", "asyncDispose"); return 1;`),
  ).toEqual([1, "b", "b done", "a", "a done"]);
});

test("await using falls back to synchronous disposal", async () => {
  expect(await run(`await using a = make("a"); return 1;`)).toEqual([1, "a"]);
});

test("the error of the block leaves it after disposal", async () => {
  expect(await run(`using a = make("a"); throw new Error("block");`)).toEqual([new Error("block"), "a"]);
});

test("an error in disposal keeps the one before it, and the rest is disposed", async () => {
  const [error, ...log] = (await run(
    `using a = make("a"); using b = make("b", "dispose", true); throw new Error("block");`,
  )) as [Error, ...string[]];
  expect(error).toMatchObject({ name: "SuppressedError", error: new Error("b"), suppressed: new Error("block") });
  expect(log).toEqual(["b", "a"]);
});

test.each([`using a = {};`, `using a = 1;`])("%s is refused", async (body) => {
  expect(await run(body)).toEqual([expect.any(TypeError)]);
});
