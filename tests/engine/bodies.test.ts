import { expect, test } from "vitest";
import { resumeHook, resumeOrStart, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

const post = (body: string | Uint8Array<ArrayBuffer> | ReadableStream): Request =>
  new Request("http://a.test/b", { method: "POST", body, headers: { c: "d" }, duplex: "half" });
const pieces = (...texts: string[]): ReadableStream<Uint8Array> =>
  ReadableStream.from(texts.map((text) => new TextEncoder().encode(text)));

/** More than a payload can hold; `wasRead` counts the bytes that were asked for. */
function endless(): { body: ReadableStream<Uint8Array>; wasRead: () => number; wasCancelled: () => boolean } {
  let read = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += 5_000_000;
      controller.enqueue(new Uint8Array(5_000_000));
    },
    cancel: () => void (cancelled = true),
  });
  return { body, wasRead: () => read, wasCancelled: () => cancelled };
}

const ECHO = `
  const describe = async (it) => [it.method ?? it.status, it.headers.get("c"), await it.text()];
  workflow("main", async (given) => {
    const hook = createHook({ token: "t" });
    return [await describe(given), await describe(await answer()), await describe((await hook).it)];
  });`;

describeEngine("bodies of requests and responses", ({ openWorld, startEngine }) => {
  test("arguments, step results and payloads are read to their end, and are values from then on [06-6.7.request] [06-6.7.response] [06-6.3.web]", async () => {
    deploy(realmCode(["answer"], ECHO), {
      answer: () => new Response(pieces("from ", "a step"), { status: 203, headers: { c: "d" } }),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [post(pieces("an ", "argument"))]);
    await untilEvent(world, run.runId, "hook_created");
    await resumeHook("t", { it: post("a payload") });
    expect(await run.returnValue).toEqual([
      ["POST", "d", "an argument"],
      [203, "d", "from a step"],
      ["POST", "d", "a payload"],
    ]);
  });

  test("both values of resumeOrStart may have bodies [06-6.7]", async () => {
    deploy(realmCode(["answer"], ECHO), { answer: () => new Response("s", { headers: { c: "d" } }) });
    const world = await openWorld();
    await startEngine({ world });
    const { run } = await resumeOrStart("t", { it: post("p") }, workflow("main"), [post("a")]);
    expect(await run.returnValue).toEqual([
      ["POST", "d", "a"],
      [200, "d", "s"],
      ["POST", "d", "p"],
    ]);
  });

  test("one that was read before, or is being read, is refused, and nothing is written [06-6.4.bodies]", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    const world = await openWorld();
    const used = post("x");
    await used.text();
    const locked = new Response("x");
    locked.body?.getReader();
    await expect(start(workflow("main"), [used])).rejects.toThrow("args[0] is a Request whose body was read before");
    await expect(start(workflow("main"), [[locked]])).rejects.toThrow("args[0][0] is a Response whose body is being");
    expect((await world.runs.list({})).data).toEqual([]);
  });

  test("reading stops where no payload could hold it, and nothing is written", async () => {
    deploy(realmCode([], `workflow("main", async () => {});`));
    const world = await openWorld();
    const source = endless();
    const error = await start(workflow("main"), [post(source.body)]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "SerializationError", code: "PAYLOAD_TOO_LARGE" });
    expect(source.wasRead()).toBeLessThanOrEqual(35_000_000);
    expect(source.wasCancelled()).toBe(true);
    const two = [post(endless().body), post(new Uint8Array(20_000_000))];
    await expect(start(workflow("main"), two)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect((await world.runs.list({})).data).toEqual([]);
  });

  test("a body that fails fails the call, and nothing is written", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const broken = (): Request => post(new ReadableStream({ start: (it) => it.error(new Error("broke off")) }));
    await expect(resumeHook("nobody", broken())).rejects.toThrow("broke off");
    await expect(resumeHook("nobody", post("x"))).rejects.toThrow(HookNotFoundError);
  });

  test("in a step result a body that fails is a failed attempt, and retried", async () => {
    let attempts = 0;
    deploy(realmCode(["answer"], `workflow("main", async () => (await answer()).text());`), {
      answer() {
        attempts += 1;
        if (attempts > 1) return new Response("whole");
        return new Response(new ReadableStream({ start: (it) => it.error(new Error("broke off")) }));
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"))).returnValue).toBe("whole");
    expect(attempts).toBe(2);
  });

  test("on the host the value comes alive as the platform's, and can be passed on, read or not [06-6.7]", async () => {
    deploy(realmCode(["read", "pass"], `workflow("main", async (it) => read(await pass(await read(it)), true));`), {
      async read(given, asText) {
        const it = given as Request;
        expect(it).toBeInstanceOf(Request);
        return asText === true ? [it.method, it.url, await it.text()] : (await it.text(), it);
      },
      pass: (given) => given,
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [post("bytes")]);
    expect(await run.returnValue).toEqual(["POST", "http://a.test/b", "bytes"]);
  });
});
