import { expect, test } from "vitest";
import { createTestRealm } from "./fixtures/realm.ts";

/** Everything that can be reached from `roots` by properties, accessors and prototypes, and does not belong here. */
const WALK = `
  const walk = (roots) => {
    const seen = new Set();
    const strangers = [];
    const queue = roots.map((root, index) => [root, "root" + index]);
    const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
    const rootOf = (value) => { for (;;) { const next = Object.getPrototypeOf(value); if (next === null) return value; value = next } };
    while (queue.length > 0) {
      const [value, path] = queue.pop();
      if (!isObject(value) || seen.has(value)) continue;
      seen.add(value);
      const top = rootOf(value);
      if (typeof value === "function" && value !== Function.prototype && !(value instanceof Function)) strangers.push(path);
      if (top !== Object.prototype && top !== value) strangers.push(path);
      queue.push([Object.getPrototypeOf(value), path + ".__proto__"]);
      for (const key of Reflect.ownKeys(value)) {
        const { value: item, get, set } = Object.getOwnPropertyDescriptor(value, key);
        const inner = path + "." + String(key);
        queue.push([item, inner], [get, inner], [set, inner]);
        try { if (get) queue.push([Reflect.apply(get, value, []), inner + "()"]) } catch (error) { queue.push([error, inner + "!"]) }
      }
    }
    return [strangers, seen.size];
  };
`;

test("no object or function of the host can be reached [07-7.13.sandbox]", async () => {
  const [strangers, size] = (await createTestRealm()).open().evaluate<[string[], number]>(`${WALK}
    const caught = (task) => { try { return task() } catch (error) { return error } };
    const url = new URL("http://a/?b=c");
    const made = [
      url, url.searchParams, url.searchParams.entries(), new Headers({ a: "b" }), crypto.subtle.digest("SHA-1", new Uint8Array(1)), await crypto.subtle.digest("SHA-1", new Uint8Array(1)),
      new TextEncoder().encode("x"), structuredClone({ a: new Map(), e: new Error("e") }), console, process.env, new Date(), new Intl.DateTimeFormat().formatToParts(),
      crypto.getRandomValues(new Uint8Array(2)), new Uint8Array(4).setFromHex("00"), new TextEncoder().encodeInto("x", new Uint8Array(1)),
      caught(() => atob("*")), caught(() => new URL("*")), caught(() => fetch()), caught(() => new TextDecoder("zz")), caught(() => new TextDecoder("shift_jis", { fatal: true }).decode(new Uint8Array([255]))),
      await crypto.subtle.digest("MD5", new Uint8Array(1)).catch((error) => error), caught(() => { url.href = "*" }), caught(() => crypto.subtle.sign()),
    ];
    return walk([globalThis, ...made]);
  `);
  expect(size).toBeGreaterThan(900);
  expect(strangers).toEqual([]);
});

test("the walk does find what belongs to another realm", async () => {
  const realm = await createTestRealm((bridge) => ({ ...bridge, env: () => "{}" }));
  const run = realm.open();
  run.context.globals.set("planted", {
    value: { deep: [() => 1] },
    writable: true,
    enumerable: true,
    configurable: true,
  });
  const [strangers] = run.evaluate<[string[]]>(`${WALK} return walk([globalThis])`);
  expect(strangers).toContain("root0.planted.deep.0");
});

test("an exhausted stack gives the realm's own errors, wherever it ends", async () => {
  const body = `
    const outcomes = new Set();
    const call = [() => crypto.randomUUID(), () => new URL("http://a/b?c"), () => new TextDecoder("shift_jis").decode(new Uint8Array(9)), () => console.log({ a: 1 })];
    for (const task of call) {
      const limit = (depth) => { if (depth > 0) return limit(depth - 1); try { task() } catch (error) { outcomes.add(error instanceof Error) } };
      let low = 0, high = 200000;
      while (high - low > 1) { const middle = (low + high) >> 1; try { limit(middle); low = middle } catch { high = middle } }
      for (let depth = Math.max(0, low - 400); depth < low + 5; depth++) { try { limit(depth) } catch (error) { outcomes.add(error instanceof Error) } }
    }
    return [...outcomes];
  `;
  expect((await createTestRealm()).open().evaluate(body)).toEqual([true]);
});

test("an error of the host is replaced", async () => {
  const fail = (): never => {
    throw new TypeError("of the host");
  };
  const realm = await createTestRealm((bridge) => ({
    ...bridge,
    digest: fail,
    parseUrl: fail,
    assignUrl: fail,
    decodeText: fail,
  }));
  const caught = realm.open().evaluate(`
    return [() => Math.random(), () => crypto.randomUUID(), () => new URL("http://a"), () => new TextDecoder("latin1")].map((task) => {
      try { return task() } catch (error) { return [error instanceof RangeError, error.constructor.constructor === Function, error.message.includes("of the host")] }
    });
  `);
  expect(caught).toEqual(Array.from({ length: 4 }, () => [true, true, false]));
});

test("the bridge that the rest of the realm uses has nothing of the host's", async () => {
  const { guarded } = await createTestRealm();
  for (const part of [guarded, ...Object.values(guarded)]) expect(part).not.toBeInstanceOf(Object);
  expect(guarded.digest("SHA-1", "")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
});

test("callers on the stack cannot be walked", async () => {
  const caught = (await createTestRealm()).open().evaluate(`
    const callers = [];
    const probe = new Function("callers", "return function probe() { callers.push(probe.caller === null); return 1 }")(callers);
    new Date({ valueOf: probe });
    new URLSearchParams([[{ toString: probe }, 1]]);
    structuredClone(Object.defineProperty({}, "x", { get: probe, enumerable: true }));
    String(new Headers({ a: { toString: probe } }));
    return callers;
  `);
  expect(caught).toEqual([true, true, true, true]);
});

test("call sites handed to the run show nothing of the host's", async () => {
  const sites = (await createTestRealm()).open().evaluate(`
    let list;
    Error.prepareStackTrace = (_, sites) => { list = sites; return "" };
    void new Error("x").stack;
    delete Error.prepareStackTrace;
    return [list.constructor === Array, list.length > 1, list.slice(1).every((site) => site instanceof Object && site.getFunction() === undefined && site.getThis() === undefined)];
  `);
  expect(sites).toEqual([true, true, true]);
});

test("code that patches the language does not break what the realm gives", async () => {
  const run = (await createTestRealm()).open();
  const expected = (await createTestRealm()).open().evaluate("return [Math.random(), crypto.randomUUID(), Date.now()]");
  expect(
    run.evaluate(`
    Math.imul = Math.floor = Number.parseInt = () => 0;
    Map.prototype.get = Map.prototype.set = Map.prototype.forEach = () => undefined;
    Reflect.apply = Reflect.ownKeys = Reflect.defineProperty = JSON.parse = () => [];
    return [Math.random(), crypto.randomUUID(), Date.now()];
  `),
  ).toEqual(expected);
  run.evaluate("globalThis.foo = 1");
  expect(run.evaluate("return foo")).toBe(1);
});
