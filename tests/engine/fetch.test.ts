import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { fetch as durableFetch } from "workflow";
import { start } from "workflow/api";
import { WorkflowRunFailedError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";

/** A server on loopback until the test is over. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
  return text;
}

const code = (body: string, steps: readonly string[] = []): string =>
  realmCode(steps, `workflow("main", async (url) => { ${body} });`);

describeEngine("fetch", ({ openWorld, startEngine }) => {
  test("in workflow code it is a step, and its result a response that was read [01-1.9.step] [01-1.9.response]", async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      seen.push([request.method, request.url, request.headers["x-a"], await bodyOf(request)]);
      response.writeHead(201, { "content-type": "application/json", "x-b": "c" }).end('{"n":1}');
    });
    deploy(
      code(`
        const response = await fetch(url + "/p?q=1", { method: "post", headers: { "x-a": "b" }, body: "hello" });
        return [response.status, response.ok, response.url === url + "/p?q=1", response.headers.get("x-b"),
          response.clone().url === response.url, await response.json(), response instanceof Response];`),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [url]);
    expect(await run.returnValue).toEqual([201, true, true, "c", true, { n: 1 }, true]);
    expect(seen).toEqual([["POST", "/p?q=1", "b", "hello"]]);
    const steps = await world.steps.list({ runId: run.runId });
    expect(steps.data.map(({ stepName, attempt }) => [stepName, attempt])).toEqual([["step//workflow//fetch", 1]]);
  });

  test("an error status is an answer, and not retried [01-1.9.step]", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(503).end("later");
    });
    deploy(code("const response = await fetch(url); return [response.status, await response.text()];"));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [url]);
    expect(await run.returnValue).toEqual([503, "later"]);
    expect(requests).toBe(1);
  });

  test("no answer is retried like any step, and then an error at the call [01-1.9.step]", async () => {
    let requests = 0;
    const url = await serve((request) => {
      requests += 1;
      request.socket.destroy();
    });
    deploy(code("try { await fetch(url); } catch (error) { return [error instanceof TypeError, error.message]; }"));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [url]);
    expect(await run.returnValue).toEqual([true, "fetch failed"]);
    expect(requests).toBe(4);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_retrying")).toHaveLength(3);
  });

  test("a body that breaks off is no answer either", async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests > 1) return void response.end("whole");
      response.writeHead(200, { "content-length": "100" }).write("ha");
      setImmediate(() => request.socket.destroy());
    });
    deploy(code("return (await fetch(url)).text();"));
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [url])).returnValue).toBe("whole");
    expect(requests).toBe(2);
  });

  test("libraries find it where they look for it, in that run only [01-1.14] [01-1.9.global] [01-1.17.5]", async () => {
    const url = await serve((_request, response) => void response.end("hi"));
    deploy(
      realmCode(
        [],
        `const library = async (url) => (await globalThis.fetch(url)).text();
        workflow("with", async (url) => { globalThis.fetch = fetch; return library(url); });
        workflow("without", async (url) => { try { return await library(url); } catch (error) { return error.message; } });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("with"), [url])).returnValue).toBe("hi");
    expect(await (await start(workflow("without"), [url])).returnValue).toMatch(
      /Global "fetch" is not available in workflow functions; use `fetch` from "workflow"/,
    );
  });

  test("a Request can be given, and says how to deal with redirects", async () => {
    const url = await serve(async (request, response) => {
      if (request.url === "/from") response.writeHead(307, { location: "/to" }).end();
      else response.end(`${request.url} ${request.headers["content-type"]} ${await bodyOf(request)}`);
    });
    deploy(
      code(`
        const post = (init) => new Request(url + "/from", { method: "POST", body: new URLSearchParams({ a: "b" }), ...init });
        const followed = await fetch(post());
        const stayed = await fetch(post({ redirect: "manual" }));
        const told = await fetch(url + "/from", { redirect: "manual" });
        const read = post();
        await fetch(read);
        return [followed.redirected, followed.url === url + "/to", await followed.text(), stayed.status, told.status,
          read.bodyUsed];`),
    );
    const world = await openWorld();
    await startEngine({ world });
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    expect(await (await start(workflow("main"), [url])).returnValue).toEqual([
      true,
      true,
      `/to ${type} a=b`,
      307,
      307,
      true,
    ]);
  });

  test("what cannot be sent is an error without a step", async () => {
    deploy(
      code(`
        const errors = [];
        for (const args of [["/relative"], [url, { body: "x" }], [url, { method: "a b" }]])
          await fetch(...args).catch((error) => errors.push(error instanceof TypeError));
        return errors;`),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), ["http://127.0.0.1/"]);
    expect(await run.returnValue).toEqual([true, true, true]);
    expect((await world.steps.list({ runId: run.runId })).data).toEqual([]);
  });

  test("an answer that no payload can hold is refused, once, without reading it all", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1_000_000)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    deploy(code("return fetch(url);"));
    const world = await openWorld();
    await startEngine({ world });
    const failure = await (await start(workflow("main"), [url])).returnValue.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowRunFailedError);
    expect((failure as WorkflowRunFailedError).cause).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(requests).toBe(1);
  });

  test("a signal of workflow code aborts it, and it is not tried again [01-1.9] [06-6.8]", async () => {
    const requested = Promise.withResolvers<void>();
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
      requested.resolve();
    });
    deploy(
      code(
        `const controller = new AbortController();
        const fetching = fetch(url, { signal: controller.signal }).catch((error) => error.name);
        await untilRequested();
        controller.abort();
        return fetching;`,
        ["untilRequested"],
      ),
      { untilRequested: () => requested.promise },
    );
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [url])).returnValue).toBe("AbortError");
    expect(requests).toBe(1);
  });

  test("it can be handed to a step like any step function [06-6.6.steps]", async () => {
    const url = await serve((_request, response) => void response.end("hi"));
    deploy(code("return call(fetch, url);", ["call"]), {
      call: async (given, to) => (await (given as typeof fetch)(to as string)).text(),
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [url])).returnValue).toBe("hi");
  });

  test("a step that fetches may return what it got; passed on, it is read again [06-6.7]", async () => {
    const url = await serve((_request, response) => void response.writeHead(200, { "x-a": "b" }).end("bytes"));
    deploy(
      code("const response = await get(url); return [await response.text(), response.url, await read(response)];", [
        "get",
        "read",
      ]),
      {
        get: (given) => durableFetch(given as string),
        read: async (given) => [await (given as Response).text(), (given as Response).url],
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), [url]);
    expect(await run.returnValue).toEqual(["bytes", `${url}/`, ["bytes", `${url}/`]]);
    // In the step it was no step.
    expect((await world.steps.list({ runId: run.runId })).data).toHaveLength(2);
  });
});

test("outside workflow code it is the platform's, also when it was made the global one [01-1.9]", async () => {
  const url = await serve((_request, response) => void response.end("plain"));
  const platform = globalThis.fetch;
  onTestFinished(() => void (globalThis.fetch = platform));
  expect(await (await durableFetch(url)).text()).toBe("plain");
  globalThis.fetch = durableFetch;
  expect(await (await fetch(url)).text()).toBe("plain");
});
