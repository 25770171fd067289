import { FatalError, getStepMetadata, RetryableError } from "workflow";

export async function sequence(start: number): Promise<number> {
  "use workflow";
  let value = start;
  for (let i = 0; i < 3; i++) value = await add(value, i);
  return value;
}

export async function retried(): Promise<string[]> {
  "use workflow";
  return [await failsTwice(), await comesBackLater()];
}

export async function caught(): Promise<unknown[]> {
  "use workflow";
  const seen: unknown[] = [];
  for (const word of ["fatal", "gives up"]) {
    try {
      await refuses(word);
    } catch (error) {
      seen.push(FatalError.is(error), (error as Error).message, await add(seen.length, 1));
    }
  }
  return seen;
}

export async function parallel(): Promise<unknown> {
  "use workflow";
  const all = await Promise.all([30, 10, 20].map((ms) => wait(ms)));
  const settled = await Promise.allSettled([wait(5), refuses("fatal"), wait(1)]);
  const first = await Promise.race([wait(40), wait(2)]);
  return { all, statuses: settled.map(({ status }) => status), first };
}

export async function nested(factor: number): Promise<number> {
  "use workflow";
  const offset = { by: 3n };
  const scale = async (value: number): Promise<number> => {
    "use step";
    return value * factor + Number(offset.by);
  };
  return apply(scale, await scale(2));
}

async function add(a: number, b: number): Promise<number> {
  "use step";
  return a + b;
}

async function wait(ms: number): Promise<number> {
  "use step";
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
}

async function failsTwice(): Promise<string> {
  "use step";
  const { attempt } = getStepMetadata();
  if (attempt < 3) throw new Error(`attempt ${attempt}`);
  return `attempt ${attempt}`;
}

/** Options of a nested step are recorded with its call, and at most once with the start. */
export async function options(name: string): Promise<string[]> {
  "use workflow";
  const greet = async (): Promise<string> => {
    "use step";
    return `hello ${name}`;
  };
  greet.maxRetries = 1;
  greet.timeout = "1m";
  greet.backoff = { initial: "10ms" };
  return [await greet(), await sendsOnce(name)];
}

async function sendsOnce(name: string): Promise<string> {
  "use step";
  return `sent to ${name}`;
}
sendsOnce.idempotent = false;

async function comesBackLater(): Promise<string> {
  "use step";
  if (getStepMetadata().attempt === 1) throw new RetryableError("busy", { retryAfter: 20 });
  return "free";
}

async function refuses(word: string): Promise<never> {
  "use step";
  throw word === "fatal" ? new FatalError("never") : new RangeError("again and again");
}
refuses.maxRetries = 1;

async function apply(fn: (value: number) => Promise<number>, value: number): Promise<number> {
  "use step";
  return fn(value);
}
