import { WORKFLOW_DESERIALIZE, WORKFLOW_SERIALIZE } from "@workflow/serde";

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  static [WORKFLOW_SERIALIZE](money: Money): unknown {
    return { cents: money.cents };
  }
  static [WORKFLOW_DESERIALIZE](data: { readonly cents: number }): Money {
    return new Money(data.cents);
  }
  async doubled(): Promise<Money> {
    "use step";
    return new Money(this.cents * 2);
  }
  static async of(cents: number): Promise<Money> {
    "use step";
    return new this(cents);
  }
}

class Declined extends Error {}

/** Instances, the class itself, methods as steps, bound steps, an error of an own class. */
export async function classes(): Promise<unknown> {
  "use workflow";
  const money = await (await Money.of(5)).doubled();
  const told = await call(add.bind({ by: 1 }, money), Money);
  const declined: unknown = await decline().catch((error: unknown) => error);
  return { money, told, isMoney: money instanceof Money, isDeclined: declined instanceof Declined, declined };
}

async function add(this: { readonly by: number }, money: Money, more: number): Promise<number> {
  "use step";
  return money.cents + this.by + more;
}

async function call(fn: (more: number) => Promise<number>, type: typeof Money): Promise<unknown> {
  "use step";
  return [await fn(100), type.name];
}

async function decline(): Promise<void> {
  "use step";
  throw Object.assign(new Declined("no"), { fatal: true });
}
