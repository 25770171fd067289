// Instances of the user's classes, and steps that are their methods (contract 06 sections 6.3 to 6.6).
import { WORKFLOW_DESERIALIZE } from "@workflow/serde";
import { expect, test } from "vitest";
import { start } from "workflow/api";
import { registeredClasses } from "../../packages/workflow/src/compiler/registration.ts";
import {
  currentDeployment,
  type Deployment,
  installDeployment,
} from "../../packages/workflow/src/worker/deployment.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { type Files, type Outcome, runProject } from "../support/project.ts";
import { describeEngine } from "../support/scenario.ts";

const SERDE = `import { WORKFLOW_DESERIALIZE, WORKFLOW_SERIALIZE } from "@workflow/serde";\n`;

const MONEY = `${SERDE}
export class Money {
  constructor(public cents: number, public notes: readonly Note[] = []) {}
  static [WORKFLOW_SERIALIZE](money: Money) { return { cents: money.cents, notes: money.notes }; }
  static [WORKFLOW_DESERIALIZE](data: { cents: number, notes: readonly Note[] }) {
    for (const note of data.notes) if (!(note instanceof Note)) throw new Error("a note is not revived");
    return new this(data.cents, data.notes);
  }
  plus(cents: number) { return new Money(this.cents + cents, [...this.notes, new Note("plus " + cents)]); }
  async charge(fee: number) {
    "use step";
    this.cents -= fee;
    return [this instanceof Money, typeof process, this] as const;
  }
  async double() {
    "use step";
    return this.cents * 2;
  }
}
export class Gift extends Money {
  override async double() {
    "use step";
    return "a gift of " + await super.double();
  }
}
class Note {
  constructor(readonly text: string) {}
  static [WORKFLOW_SERIALIZE](note: Note) { return note.text; }
  static [WORKFLOW_DESERIALIZE](text: string) { return new Note(text); }
}
`;

interface Money {
  readonly cents: number;
  readonly notes: readonly { readonly text: string }[];
}
interface Models {
  readonly Money: new (cents: number) => Money;
  readonly Gift: new (cents: number) => Money;
}

describeEngine("classes", ({ openWorld, startEngine }) => {
  const outcome = <Exports>(files: Files, argsOf?: (exports: Exports) => unknown[]): Promise<Outcome<Exports>> =>
    runProject({ openWorld, startEngine }, files, argsOf);

  test("an instance keeps its class and its parts in workflow code, in steps and outside [06-A.4] [06-6.5.nested] [06-6.5.realms] [06-6.3.classes] [06-6.5.symbols] [06-6.5.registry] [01-1.0.serde]", async () => {
    const flow = `import { Money } from "./money.ts";
export { Money } from "./money.ts";
export async function main(money: Money) {
  "use workflow";
  const before = money instanceof Money;
  return [before, await check(money.plus(5))];
}
async function check(money: Money) {
  "use step";
  return [money instanceof Money, money.plus(1)];
}`;
    const { value, exports } = await outcome<Models>({ "src/money.ts": MONEY, "src/flow.ts": flow }, ({ Money }) => [
      new Money(10),
    ]);
    const [before, [inStep, money]] = value as [boolean, [boolean, Money]];
    expect([before, inStep]).toEqual([true, true]);
    expect(money).toBeInstanceOf(exports.Money);
    expect([money.cents, money.notes.map(({ text }) => text)]).toEqual([16, ["plus 5", "plus 1"]]);
  });

  test("workflow code that never mentions a class is given its instances [06-6.5.registration]", async () => {
    const steps = `import { Gift, Money } from "./money.ts";
export async function load() { "use step"; return [new Money(3), new Gift(4)]; }`;
    const flow = `import type { Money } from "./money.ts";
import { load } from "./steps.ts";
export async function main(given: Money) {
  "use workflow";
  return [given, ...await load()].map((money) => money.plus(1).cents);
}
export { Money } from "./money.ts";`;
    const files = { "src/money.ts": MONEY, "src/steps.ts": steps, "src/flow.ts": flow };
    const { value } = await outcome<Models>(files, ({ Money }) => [new Money(1)]);
    expect(value).toEqual([2, 4, 5]);
  });

  test("an instance method that is a step gets a copy of its instance [06-A.4] [06-6.5.methods] [01-1.3.instance-method] [06-6.2.copies]", async () => {
    const flow = `import { Money } from "./money.ts";
export async function main() {
  "use workflow";
  const money = new Money(100);
  const [isMoney, host, changed] = await money.charge(30);
  return [isMoney, host, money.cents, changed.cents, changed instanceof Money, money.charge === new Money(1).charge];
}`;
    const { value, events } = await outcome({ "src/money.ts": MONEY, "src/flow.ts": flow });
    expect(value).toEqual([true, "object", 100, 70, true, true]);
    expect(events.filter((type) => type === "step_completed")).toHaveLength(1);
  });

  test("a step method of a subclass calls its parent's as a plain method [06-6.5.methods]", async () => {
    const flow = `import { Gift } from "./money.ts";
export async function main() { "use workflow"; return new Gift(4).double(); }`;
    expect((await outcome({ "src/money.ts": MONEY, "src/flow.ts": flow })).value).toBe("a gift of 8");
  });

  test("a static method that is a step has its class as `this` [01-1.3.static-method]", async () => {
    const flow = `class Mailer {
  static sender = "base";
  static async send(to: string) { "use step"; return this.sender + ">" + to; }
}
class Sub extends Mailer { static override sender = "sub"; static [Symbol.for("workflow-serialize")]() {} }
export async function main() { "use workflow"; return [await Mailer.send("a"), await Sub.send("b")]; }`;
    expect((await outcome({ "src/flow.ts": flow })).value).toEqual(["base>a", "sub>b"]);
  });

  test("a method of an object that is a step has the object as `this`, if it uses it [01-1.3.object-method]", async () => {
    const flow = `const tools = {
  prefix: "found ",
  check: () => true,
};
const finder = {
  prefix: "found ",
  async find(what: string) { "use step"; return this.prefix + what; },
};
const search = {
  validate: () => true,
  async execute(what: string) { "use step"; return "searched " + what; },
};
export async function main() { "use workflow"; return [await finder.find("x"), await search.execute("y")]; }
export { tools };`;
    expect((await outcome({ "src/flow.ts": flow })).value).toEqual(["found x", "searched y"]);
  });

  test("an arrow function that is a step has the `this` of the method around it, or of its instance [01-1.3.lexical-this]", async () => {
    const flow = `${SERDE}
class Cart {
  constructor(public id: string) {}
  static [WORKFLOW_SERIALIZE](cart: Cart) { return cart.id; }
  static [WORKFLOW_DESERIALIZE](id: string) { return new Cart(id); }
  payer(amount: number) {
    return async (tip: number) => { "use step"; return [this.id, this instanceof Cart, amount + tip]; };
  }
  refund = async () => { "use step"; return "refund " + this.id; };
}
async function passOn(pay: (tip: number) => Promise<unknown>) { "use step"; return pay(2); }
export async function main() {
  "use workflow";
  const cart = new Cart("c1");
  const pay = cart.payer(10);
  return [await pay(1), await passOn(pay), await cart.refund()];
}`;
    const { value } = await outcome({ "src/flow.ts": flow });
    expect(value).toEqual([["c1", true, 11], ["c1", true, 12], "refund c1"]);
  });

  test("what bind makes of a step works, and survives crossings in both directions [06-6.6.bind]", async () => {
    const flow = `
async function greet(this: { name: string }, a: string, b: string) { "use step"; return [this.name, a, b].join(); }
greet.maxRetries = 0;
async function call(fn: (b: string) => Promise<string>) { "use step"; return [await fn("called"), fn.bind(null)]; }
async function make() { "use step"; return greet.bind({ name: "host" }, "bound"); }
export async function main(given: (b: string) => Promise<string>) {
  "use workflow";
  const bound = greet.bind({ name: "realm" }, "x");
  const [inStep, back] = await call(bound);
  const made = await make();
  const twice = bound.bind({ name: "ignored" }, "y");
  return [await bound("y"), inStep, await back("again"), await made("z"), await twice(), (await call(made))[0], await given("!")];
}
export const arg = greet.bind({ name: "outside" }, "given");`;
    const { value } = await outcome<{ arg: unknown }>({ "src/flow.ts": flow }, ({ arg }) => [arg]);
    expect(value).toEqual([
      "realm,x,y",
      "realm,x,called",
      "realm,x,again",
      "host,bound,z",
      "realm,x,y",
      "host,bound,called",
      "outside,given,!",
    ]);
  });

  test("a registered class can be passed itself [06-6.3.classes]", async () => {
    const flow = `import { Money } from "./money.ts";
export { Money } from "./money.ts";
export async function main(Type: typeof Money) { "use workflow"; return [Type === Money, await make(Type), Type]; }
async function make(Type: typeof Money) { "use step"; return new Type(9) instanceof Money; }`;
    const { value, exports } = await outcome<Models>({ "src/money.ts": MONEY, "src/flow.ts": flow }, ({ Money }) => [
      Money,
    ]);
    expect(value).toEqual([true, true, exports.Money]);
  });

  test("a class that nothing has imported is loaded before a step is given its instance, and before a result is [06-6.5]", async () => {
    class Box {
      readonly isBox = true;
      static [WORKFLOW_DESERIALIZE](): Box {
        return new Box();
      }
    }
    const body = `class Box { static [Symbol.for("workflow-serialize")]() { return 1; } static [Symbol.for("workflow-deserialize")]() {} }
      __workflow.class("class//./test//Box", Box, true);
      workflow("main", async () => [await take(new Box()), new Box(), '"class//./text//Only"']);`;
    deploy(realmCode(["take"], body), { take: async (box) => box instanceof Box });
    registeredClasses().clear();
    const asked: string[] = [];
    const loadClass = async (classId: string): Promise<void> => {
      asked.push(classId);
      if (asked.length === 1) registeredClasses().set(classId, Box);
    };
    installDeployment({ ...(currentDeployment() as Deployment), loadClass });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], unknown[]>(workflow("main"), []);
    expect(await run.returnValue).toEqual([true, new Box(), '"class//./text//Only"']);
    registeredClasses().clear();
    expect(await run.returnValue.catch((error: Error) => error.message)).toContain(
      "class//./test//Box, which is not known",
    );
    expect(asked).toEqual(["class//./test//Box", "class//./test//Box"]);
  });
});
