// Errors of the user's own classes (contract 06 section 6.3).
import { expect, test } from "vitest";
import { start } from "workflow/api";
import { StreamError } from "workflow/errors";
import { deployProject } from "../support/project.ts";
import { describeEngine } from "../support/scenario.ts";

const ERRORS = `export class CardDeclined extends Error {
  constructor(public reason: string, options?: ErrorOptions) {
    super("declined: " + reason, options);
    made += 1;
    this.name = "CardDeclined";
  }
  get isFinal() { return this.reason === "stolen"; }
}
export class Several extends AggregateError { static from = "here"; }
export let made = 0;
`;

const FILES = {
  "src/errors.ts": ERRORS,
  "src/steps.ts": `import { CardDeclined, made, Several } from "./errors.ts";
export async function charge() {
  "use step";
  charge.maxRetries = 0;
  throw new CardDeclined("stolen", { cause: new Several([new CardDeclined("inner"), 7], "many", { cause: new TypeError("t") }) });
}
charge.maxRetries = 0;
export async function look(error: CardDeclined) {
  "use step";
  return [error instanceof CardDeclined, error.isFinal, error.cause instanceof Several, made];
}`,
};

interface Errors {
  readonly CardDeclined: new (reason: string) => Error & { readonly reason: string; readonly isFinal: boolean };
  readonly Several: new (...args: never[]) => AggregateError;
}

describeEngine("error classes", ({ openWorld, startEngine }) => {
  async function begin(flow: string): Promise<{ readonly exports: Errors; readonly result: Promise<unknown> }> {
    const exports = await deployProject<Errors>({ ...FILES, "src/flow.ts": flow }, "src/flow.ts");
    const world = await openWorld();
    await startEngine({ world });
    const run = await start({ workflowId: "workflow//./src/flow//main" }, []);
    return { exports, result: run.returnValue.catch((error: unknown) => error) };
  }

  test("an error of a registered class has it in workflow code and in steps, with all it had [06-6.3.subclasses]", async () => {
    const { result } = await begin(`import { CardDeclined, Several } from "./errors.ts";
import { charge, look } from "./steps.ts";
export async function main() {
  "use workflow";
  const error = await charge().catch((error) => error);
  const { cause } = error;
  return [
    [error instanceof CardDeclined, error instanceof Error, error.isFinal, error.name, error.message, error.stack.includes("declined")],
    [cause instanceof Several, cause instanceof AggregateError, cause.message, cause.cause instanceof TypeError],
    [cause.errors[0] instanceof CardDeclined, cause.errors[0].reason, cause.errors[1]],
    await look(error),
  ];
}`);
    expect(await result).toEqual([
      [true, true, true, "CardDeclined", "declined: stolen", true],
      [true, true, "many", true],
      [true, "inner", 7],
      // Two were made by the step that threw; reviving makes none.
      [true, true, true, 2],
    ]);
  });

  test("a class that workflow code does not mention is kept on the way through it [06-6.3.subclasses]", async () => {
    const { exports, result } = await begin(`import { charge } from "./steps.ts";
export { CardDeclined, Several } from "./errors.ts";
export async function main() { "use workflow"; return charge(); }`);
    const { cause } = (await result) as { readonly cause: InstanceType<Errors["CardDeclined"]> };
    expect(cause).toBeInstanceOf(exports.CardDeclined);
    expect([cause.isFinal, cause.reason, cause.cause instanceof exports.Several]).toEqual([true, "stolen", true]);
  });

  test("errors of this package keep their classes beside the user's [06-6.3.errors]", async () => {
    const { result } = await begin(`import { StreamError } from "workflow/errors";
class Mine extends StreamError { extra = 1; }
export async function main() { "use workflow"; return [Object.assign(new StreamError("s"), { status: 500 }), new Mine("m")]; }
`);
    const [plain, mine] = (await result) as (StreamError & { readonly extra?: number; readonly status?: number })[];
    expect(plain).toBeInstanceOf(StreamError);
    expect([plain?.status, mine?.extra, mine instanceof StreamError]).toEqual([500, 1, true]);
  });
});
