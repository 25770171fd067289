import { inspect, isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { SerializationError } from "../world/errors.ts";
import { deserialize, MAX_PAYLOAD_BYTES, serialize, type Boundary, type Handles } from "./serialize.ts";

const at: Boundary = { what: "hook payload", of: "order-1" };
const handles: Handles = {
  step: (stepId, closureVars) => Object.assign(() => {}, { stepId, closureVars }),
  workflow: (workflowId) => Object.assign(() => {}, { workflowId }),
  run: (runId) => ({ runId }),
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: (data) => data,
  signal: (data) => data,
  controller: (signal) => ({ signal }),
};

function roundTrip<T>(value: T): T {
  return deserialize(serialize(value, at), handles) as T;
}

function refusalOf(value: unknown, boundary: Boundary = at): SerializationError {
  try {
    serialize(value, boundary);
  } catch (error) {
    if (error instanceof SerializationError) return error;
    throw error;
  }
  throw new Error("it was serialized");
}

class Money {
  amount = 1;
}

test.each([
  [
    new Headers([
      ["b", "2"],
      ["a", "1"],
      ["set-cookie", "x=1"],
      ["set-cookie", "y=2"],
      ["a", "3"],
    ]),
  ],
  [new URL("https://user:pw@example.com/a%20b?q=1#top")],
  [
    new URLSearchParams([
      ["q", "ä"],
      ["q", "2"],
    ]),
  ],
  [new DOMException("stopped", "AbortError")],
  [{ headers: new Headers(), url: [new URL("file:///tmp/x")] }],
])("a web value crosses: %s [06-6.3.web] [06-6.3.extended]", (value) => {
  const copy: unknown = roundTrip(value);
  const show = (one: unknown): string => inspect(one instanceof Headers ? [...one] : one, { depth: 5 });
  expect(show(copy)).toBe(show(value));
  expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(value));
});

test("headers keep what set-cookie headers there are [06-6.7.headers]", () => {
  const copy = roundTrip(
    new Headers([
      ["set-cookie", "x=1"],
      ["set-cookie", "y=2"],
    ]),
  );
  expect(copy.getSetCookie()).toEqual(["x=1", "y=2"]);
});

test("a DOMException keeps its name, code, stack and cause [06-6.3.web]", () => {
  const cause = new TypeError("inner");
  const error = new DOMException("stopped", { name: "AbortError", cause });
  const copy = roundTrip(error);
  expect([copy.name, copy.code, copy.message, copy.stack]).toEqual(["AbortError", 20, "stopped", error.stack]);
  expect(copy.cause).toEqual(cause);
});

test("identity and cycles within one value are kept, across values they are not [06-6.2.identity] [06-6.2.across]", () => {
  const shared = { n: 1 };
  const value = { a: shared, list: [shared], map: new Map([[shared, shared]]), self: null as unknown };
  value.self = value;
  const copy = roundTrip(value);
  expect(copy.self).toBe(copy);
  expect([copy.list[0], ...copy.map.keys(), ...copy.map.values()].every((one) => one === copy.a)).toBe(true);
  expect(copy.a).not.toBe(shared);
  expect(roundTrip(value).a).not.toBe(copy.a);
});

test("views take exactly their own bytes, and share a buffer only when they cover it [06-6.3.views]", () => {
  const pool = Uint8Array.from([9, 9, 1, 2, 9, 9]);
  const part = roundTrip(pool.subarray(2, 4));
  expect([[...part], part.buffer.byteLength]).toEqual([[1, 2], 2]);
  expect(roundTrip(new DataView(pool.buffer, 3, 2)).buffer.byteLength).toBe(2);

  const whole = roundTrip({ bytes: pool, words: new Uint16Array(pool.buffer), buffer: pool.buffer });
  expect([whole.words.buffer, whole.buffer]).toEqual([whole.bytes.buffer, whole.bytes.buffer]);
  expect(whole.words.buffer).toBe(whole.bytes.buffer);

  const buffer = roundTrip<Uint8Array>(Buffer.from("héllo"));
  expect(buffer.constructor).toBe(Uint8Array);
  expect(Buffer.from(buffer).toString()).toBe("héllo");
  expect([...roundTrip(new Uint8Array(new SharedArrayBuffer(2)))]).toEqual([0, 0]);
});

test("bytes of every length and value survive", () => {
  for (const length of [0, 1, 2, 3, 4, 6143, 6144, 6145, 20_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
    expect(isDeepStrictEqual(roundTrip(bytes), bytes)).toBe(true);
    expect(serialize(bytes, at)).toContain(Buffer.from(bytes).toString("base64"));
  }
});

test("getters are read once, and what they return is written", () => {
  let reads = 0;
  const copy = roundTrip({
    get total() {
      return ++reads;
    },
  });
  expect([copy, reads]).toEqual([{ total: 1 }, 1]);
});

test("step and workflow functions become references, with the variables that they captured [06-6.3.functions] [06-6.6.steps]", () => {
  const step = Object.assign(() => {}, { stepId: "step//./a//charge" });
  const closing = Object.assign(() => {}, {
    stepId: "step//./a//outer/inner",
    [Symbol.for("workflow.closureVars")]: () => ({ rate: 2n, charge: step }),
  });
  const workflow = Object.assign(() => {}, { workflowId: "workflow//./a//order" });
  const run = Object.defineProperty(new Money(), Symbol.for("workflow.run"), { value: true });
  Object.assign(run, { runId: "wrun_1" });

  const copy = roundTrip<Record<string, unknown>>({ step, again: step, closing, workflow, run });
  expect({ ...(copy["step"] as object) }).toEqual({ stepId: "step//./a//charge", closureVars: undefined });
  expect(copy["again"]).toBe(copy["step"]);
  expect({ ...(copy["closing"] as object) }).toEqual({
    stepId: "step//./a//outer/inner",
    closureVars: { rate: 2n, charge: copy["step"] },
  });
  expect({ ...(copy["workflow"] as object) }).toEqual({ workflowId: "workflow//./a//order" });
  expect(copy["run"]).toEqual({ runId: "wrun_1" });
});

test("two steps that capture each other can still call each other, and cross again", () => {
  const calls: string[] = [];
  const closureVars = Symbol.for("workflow.closureVars");
  const even = Object.assign(() => {}, { stepId: "even", [closureVars]: () => ({ odd }) });
  const odd: object = Object.assign(() => {}, { stepId: "odd", [closureVars]: () => ({ even }) });
  type Step = (n: number) => void;
  const callable: Handles = {
    ...handles,
    step: (stepId, vars) => {
      const run: Step = (n) => {
        calls.push(`${stepId} ${n}`);
        if (n > 0) (vars as Record<string, Step>)[stepId === "even" ? "odd" : "even"]?.(n - 1);
      };
      return Object.assign(run, { stepId, [closureVars]: () => vars });
    },
  };
  const cross = (step: unknown): Step => deserialize(serialize(step, at), callable) as Step;
  cross(cross(even))(3);
  expect(calls).toEqual(["even 3", "odd 2", "even 1", "odd 0"]);
});

class Ledger extends Map {}
class Row extends Array {}
class Tagged {
  readonly [Symbol.toStringTag] = "Map";
}

test.each<[string, unknown, string]>([
  ["a function", { on: { click: function save() {} } }, "payload.on.click is a function save. Code stays"],
  ["a class", [Money], "payload[0] is a class Money"],
  ["a symbol", { "a-b": Symbol("s") }, 'payload["a-b"] is the symbol Symbol(s)'],
  ["a promise", [0, Promise.resolve(1)], "payload[1] is a Promise. Await it"],
  ["a thenable", { run: { then() {} } }, "payload.run is a thenable"],
  ["a class instance", { price: new Money() }, "payload.price is an instance of Money. Pass a plain object"],
  ["an instance of a class that extends Map", { book: new Ledger() }, "payload.book is an instance of Ledger"],
  ["an instance of a class that extends Array", new Map([["k", new Row()]]), 'payload.get("k") is an instance of Row'],
  ["an instance that calls itself a Map", new Tagged(), "it is an instance of Tagged"],
  ["an object of a class that extends null", Object.create(Object.create(null)), "it is an object with a prototype"],
  ["an object with a prototype", [Object.create({ a: 1 })], "payload[0] is an object with a prototype of its own"],
  ["a generator", (function* () {})(), "is an instance of"],
  ["a WeakMap", new WeakMap(), "it is a WeakMap. Use a Map"],
  ["a WeakSet", new Set([new WeakSet()]), "is a WeakSet"],
  ["a WeakRef", [new WeakRef({})], "payload[0] is a WeakRef"],
  [
    "an instance of an odd name",
    [{ __proto__: { [Symbol.toStringTag]: "constructor" } }],
    "payload[0] is an object with",
  ],
  ["symbol keys", { a: { [Symbol("s")]: 1 } }, "payload.a is an object with symbols for keys"],
  [
    "a __proto__ key",
    { body: JSON.parse('{"__proto__":{"admin":true}}') },
    "payload.body is an object with a key named __proto__",
  ],
  ["a Response", { response: new Response("x") }, "payload.response is a Response whose body has to be awaited"],
  [
    "a Request of another class",
    new (class MyRequest extends Request {})("http://a"),
    "it is a Request. Pass what is needed",
  ],
  ["a stream", [new ReadableStream()], "payload[0] is a ReadableStream"],
  ["a live AbortSignal", new AbortController(), "payload.signal is an AbortSignal that may yet be aborted"],
  ["shared memory", new SharedArrayBuffer(1), "it is a SharedArrayBuffer"],
  ["a huge bigint", { n: 1n << 300_000n }, "payload.n is a bigint of more than 262144 bits"],
  [
    "an array beyond all payloads",
    { list: Object.assign([], { length: 2 ** 31 }) },
    "payload.list is an array longer than",
  ],
])(
  "%s is refused, saying where [06-6.4.functions] [06-6.4.others] [06-6.4.instances] [06-6.10.message] [03-3.3.SerializationError]",
  (_, value, message) => {
    const error = refusalOf(value);
    expect(error.message).toContain(`The hook payload of order-1 cannot be serialized: `);
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code: "SERIALIZATION_FAILED", fatal: true });
    expect(error.hint).toBeTruthy();
  },
);

test.each<[Boundary["what"], unknown, string]>([
  ["workflow arguments", [{ user: { onClick() {} } }], "args[0].user.onClick is"],
  ["step arguments", { args: [1, () => {}] }, "args[1] is"],
  ["step arguments", { args: [], closureVars: { client: new Money() } }, "closureVars.client is"],
  ["step return value", { a: [Symbol.iterator] }, "returnValue.a[0] is"],
  ["workflow return value", () => {}, "it is a function."],
  ["hook metadata", new Map([["x", { y: () => {} }]]), 'metadata.get("x").y is'],
  ["thrown value", { a: () => {} }, "error.a is"],
])("the path of a part of %s [06-6.10.message] [03-3.6.serialization]", (what, value, path) => {
  const { message } = refusalOf(value, { what, of: "thing" });
  expect(message).toContain(`The ${what} of thing cannot be serialized: ${path}`);
});

test("a step's captured variable that cannot cross is named", () => {
  const step = Object.assign(() => {}, {
    stepId: "s",
    [Symbol.for("workflow.closureVars")]: () => ({ db: new Money() }),
  });
  expect(refusalOf([{ execute: step }], { what: "step arguments", of: "agent" }).message).toContain(
    "args[0].execute.closureVars.db is an instance of Money",
  );
});

test("what a getter or a revoked proxy throws is the cause", () => {
  const cause = new Error("closed");
  const hostile = {
    get body(): never {
      throw cause;
    },
  };
  expect(refusalOf(hostile)).toMatchObject({ cause, message: expect.stringContaining("Error: closed") });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(refusalOf([proxy]).message).toContain("a part of it threw");
});

test.each([
  ["objects", (inner: unknown) => ({ inner }) as unknown],
  ["sparse arrays", (inner: unknown) => Object.assign([], { 99: inner }) as unknown],
  ["maps", (inner: unknown) => new Map([[1, inner]]) as unknown],
])("%s may be nested 900 deep, and are refused at 1100 and at 100000", (_, wrap) => {
  const nested = (depth: number): unknown => {
    let value: unknown = "core";
    for (let i = 0; i < depth; i++) value = wrap(value);
    return value;
  };
  expect(isDeepStrictEqual(roundTrip(nested(900)), nested(900))).toBe(true);
  expect(refusalOf(nested(1100)).message).toContain("nested more than 1000 levels deep");
  expect(refusalOf(nested(100_000)).message).toContain("nested more than 1000 levels deep");
});

test("wide values are not mistaken for deep ones", () => {
  const rows = Array.from({ length: 5000 }, (_, id) => ({ id, tags: [id, { id }] }));
  expect(roundTrip(rows)).toEqual(rows);
  const sparse: unknown[] = [];
  for (let i = 0; i < 3000; i++) sparse[i * 50] = { i };
  expect(isDeepStrictEqual(roundTrip(sparse), sparse)).toBe(true);
});

test.each<[string, () => unknown]>([
  ["text of 50 MB", () => "x".repeat(50_000_000)],
  ["text that is short in characters and long in bytes", () => "€".repeat(MAX_PAYLOAD_BYTES / 3)],
  ["50 MB of bytes", () => ({ file: new Uint8Array(50_000_000) })],
  ["texts that are too large together", () => ["a", "b", "c"].map((char) => char.repeat(12_000_000))],
  [
    "more than a string can hold",
    () => ({
      get body() {
        return "x".repeat(2 ** 30);
      },
    }),
  ],
])("too large: %s", (_, make) => {
  const error = refusalOf(make());
  expect(error.code).toBe("PAYLOAD_TOO_LARGE");
  expect(error.message).toMatch(/33554432 bytes \(32 MiB\).* pass a reference/);
});

test("the size is counted in bytes of UTF-8, to the byte", () => {
  const text = "ß€😀".repeat(3_728_000);
  const rest = MAX_PAYLOAD_BYTES - Buffer.byteLength(serialize(text, at));
  const fitting = text + "x".repeat(rest);
  expect(Buffer.byteLength(serialize(fitting, at))).toBe(MAX_PAYLOAD_BYTES);
  expect(refusalOf(`${fitting}x`).message).toContain(`it takes ${MAX_PAYLOAD_BYTES + 1} bytes`);
});

test("signals and controllers: how they stand, where they are aborted, and that they belong together [06-6.8]", () => {
  const address = { token: "abrt_1", runId: "wrun_1", hookId: "hook_1" };
  const controller = new AbortController();
  const write = (): object =>
    deserialize(
      serialize([controller, controller.signal], at, () => address),
      handles,
    ) as object;
  const fresh = { is: "signal", ...address, aborted: false };
  expect(write()).toEqual([{ signal: fresh }, fresh]);
  controller.abort("enough");
  expect(write()).toMatchObject([{ signal: { aborted: true, reason: "enough" } }, { token: "abrt_1" }]);
  expect(roundTrip(AbortSignal.abort(1))).toEqual({ is: "signal", aborted: true, reason: 1 });
  expect(roundTrip(AbortSignal.abort(() => {}))).toMatchObject({ aborted: true, reason: expect.any(Error) });
});
