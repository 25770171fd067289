import { cancellable, continueAsNew, createHook, fetch, getWritable, sleep } from "workflow";
import { start } from "workflow/api";

/** Starts runs and awaits them: one completes, one fails; a third one's result loses a race. */
export async function family(): Promise<unknown[]> {
  "use workflow";
  const one = await start(member, ["one"]);
  const two = await start(member, ["two"]);
  const three = await start(member, ["three"]);
  const lost = await Promise.race([three.returnValue, one.returnValue]);
  const failure = await two.returnValue.catch((error: Error) => error.name);
  return [await one.returnValue, failure, lost, await three.status];
}

export async function member(name: string): Promise<string> {
  "use workflow";
  if (name === "two") throw new Error("as planned");
  if (name === "three") await createHook({ token: "three" });
  return greet(name);
}

/** Goes on as new twice; the payloads of its hook come as they like. */
export async function generations(seen: string[] = []): Promise<string[]> {
  "use workflow";
  const hook = createHook<string>({ token: "generations" });
  const all = [...seen, await hook, await greet(crypto.randomUUID().slice(0, 0))];
  if (all.length < 6) return continueAsNew(all);
  await sleep(1);
  return all;
}

/** Is cancelled, and cleans up. */
export async function careful(): Promise<void> {
  "use workflow";
  cancellable({ cleanup: "1m" });
  const hook = createHook({ token: "careful" });
  try {
    await Promise.race([hook, sleep("1 day")]);
  } finally {
    await greet("goodbye");
  }
}

/** What comes from the web, and streams that are passed on. */
export async function web(url: string): Promise<string> {
  "use workflow";
  const response = await fetch(url);
  await write(getWritable<string>(), await response.text());
  return `${response.status}`;
}

async function greet(name: string): Promise<string> {
  "use step";
  return `hello ${name}`;
}

async function write(to: WritableStream<string>, text: string): Promise<void> {
  "use step";
  const writer = to.getWriter();
  await writer.write(text);
  writer.releaseLock();
}
