import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import * as errors from "../world/errors.ts";
import * as hookErrors from "../world/hook-errors.ts";
import { RetryableError } from "../world/retryable-error.ts";
import { deserialize, serialize, serializeThrown, type Boundary, type Handles } from "./serialize.ts";

const at: Boundary = { what: "thrown value", of: "step//./a//charge" };
const never = (): never => {
  throw new Error("no handle is asked for");
};
const handles: Handles = {
  step: never,
  workflow: never,
  run: never,
  class: () => undefined,
  respond: never,
  stream: never,
  signal: never,
  controller: never,
};

function roundTrip<T>(value: T): T {
  return deserialize(serialize(value, at), handles) as T;
}
function thrown(value: unknown): unknown {
  return deserialize(serializeThrown(value, at), handles);
}

class Money {
  amount = 1;
}

const samples: readonly Error[] = [
  new Error("plain"),
  new TypeError("t"),
  new RangeError("r"),
  new SyntaxError("s"),
  new ReferenceError("f"),
  new EvalError("e"),
  new URIError("u"),
  new AggregateError([new TypeError("one"), "two"], "all"),
  new errors.FatalError("stop"),
  new RetryableError("busy", { retryAfter: new Date(5) }),
  new hookErrors.HookConflictError("token-1", "wrun_2"),
  new hookErrors.HookConflictError("token-1"),
  new hookErrors.HookExpiredError("token-1"),
  new hookErrors.HoldLimitError("token-1"),
  new hookErrors.WebhookError("WEBHOOK_NOT_ANSWERED", 504, "late"),
  new hookErrors.HookNotFoundError("token-1"),
  new errors.EntityConflictError("exists"),
  new errors.LeaseLostError("gone"),
  new errors.NotInStepContextError("getStepMetadata"),
  new errors.NotInWorkflowContextError("sleep"),
  new errors.NotInWorkflowOrStepContextError("getWorkflowMetadata"),
  new errors.UnavailableInWorkflowContextError("start", "order"),
  new errors.ReplayDivergenceError("evnt_1", "diverged"),
  new errors.SerializationError("no", { hint: "do" }),
  new errors.StepNotRegisteredError("s"),
  new errors.WorkflowBuildError("b"),
  new errors.WorkflowError("WORLD_CLOSED", "w"),
  new errors.WorkflowNotRegisteredError("n"),
  new errors.WorkflowRunCancelledError("wrun_1", "why"),
  new errors.WorkflowRunFailedError("wrun_1", new TypeError("inner"), { errorCode: "USER_ERROR" }),
  new errors.WorkflowRunNotCompletedError("wrun_1", "running"),
  new errors.WorkflowRunNotFoundError("wrun_1"),
  new errors.WorkflowRuntimeError("rt"),
  new errors.WorkflowWorldError("INVALID_ARGUMENT", "bad", { field: "limit" }),
];

test.each(samples.map((error) => [error.name, error] as const))(
  "%s keeps its class and all its fields [06-6.3.errors]",
  (_, error) => {
    const copy = roundTrip(error);
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(error));
    expect(Object.prototype.toString.call(copy)).toBe("[object Error]");
    for (const key of new Set(["name", "message", "stack", "cause", ...Object.getOwnPropertyNames(error)])) {
      expect([key, Reflect.get(copy, key)]).toEqual([key, Reflect.get(error, key)]);
    }
    expect(Object.keys(copy).toSorted()).toEqual(Object.keys(error).toSorted());
  },
);

test("every error class that the package exports is known", () => {
  const known = new Set(samples.map((error) => error.constructor));
  expect(
    Object.values({ ...errors, ...hookErrors }).filter(
      (value) => value.prototype instanceof Error && !known.has(value),
    ),
  ).toEqual([]);
});

test("is() holds on the copy", () => {
  expect(errors.FatalError.is(roundTrip(new errors.FatalError("x")))).toBe(true);
  expect(RetryableError.is(roundTrip(new RetryableError("x")))).toBe(true);
  expect(roundTrip(new RetryableError("x", { retryAfter: new Date(7) })).retryAfter).toEqual(new Date(7));
});

test("causes are kept all the way down, whatever they are [06-6.3.errors]", () => {
  const error = new Error("a", {
    cause: new TypeError("b", { cause: { reason: new RangeError("c", { cause: undefined }) } }),
  });
  expect(roundTrip(error)).toEqual(error);
  const innermost = (roundTrip(error) as { cause: { cause: { reason: Error } } }).cause.cause.reason;
  expect([innermost.constructor, Object.hasOwn(innermost, "cause")]).toEqual([RangeError, true]);
  expect(Object.hasOwn(roundTrip(new Error("x")), "cause")).toBe(false);
});

test("cycles through causes, properties and lists of errors keep identity", () => {
  const inner = new TypeError("inner") as TypeError & { owner?: unknown };
  const outer = new AggregateError([inner, inner], "outer", { cause: inner });
  inner.owner = { error: outer };
  inner.cause = inner;
  const copy = roundTrip({ inner, outer });
  expect(copy.outer.errors).toEqual([copy.inner, copy.inner]);
  expect(copy.outer.cause).toBe(copy.inner);
  expect(copy.inner.cause).toBe(copy.inner);
  expect((copy.inner.owner as { error: Error }).error).toBe(copy.outer);
  expect([copy.outer.constructor, copy.outer.message]).toEqual([AggregateError, "outer"]);
});

test("an unknown class becomes the nearest known one, and the name stays", () => {
  class PaymentError extends TypeError {
    override name = "PaymentError";
    readonly status = 402;
  }
  class Declined extends PaymentError {}
  class Stop extends errors.FatalError {
    override readonly name = "Stop" as never;
  }
  const copy = roundTrip(new Declined("no funds"));
  expect(Object.getPrototypeOf(copy)).toBe(TypeError.prototype);
  expect(copy).toMatchObject({ name: "PaymentError", message: "no funds", status: 402 });
  const stop = roundTrip(new Stop("now"));
  expect(stop).toBeInstanceOf(errors.FatalError);
  expect([stop.name, errors.FatalError.is(stop)]).toEqual(["Stop", true]);
  expect(roundTrip(Object.assign(new Error("x"), { name: "Renamed" })).name).toBe("Renamed");
});

test("a name on the prototype of a class stays too", () => {
  class Quiet extends Error {}
  Object.defineProperty(Quiet.prototype, "name", { value: "Quiet" });
  const copy = roundTrip(new Quiet("q"));
  expect([copy.name, Object.keys(copy)]).toEqual(["Quiet", []]);
});

test("errors of another realm and of old-style classes are errors", () => {
  const foreign = runInNewContext(
    `Object.assign(new RangeError("far", { cause: new Error("away") }), { code: 7 })`,
  ) as Error;
  expect(foreign).not.toBeInstanceOf(Error);
  const copy = roundTrip(foreign);
  expect([Object.getPrototypeOf(copy), copy.message]).toEqual([RangeError.prototype, "far"]);
  expect(copy).toMatchObject({ code: 7, cause: new Error("away") });

  const old = Object.assign(Object.create(Error.prototype) as Error, { message: "old", status: 1 });
  expect(roundTrip(old)).toMatchObject({ message: "old", status: 1 });
  expect(Object.prototype.toString.call(roundTrip(old))).toBe("[object Error]");
});

test("properties that cannot be serialized are left out, those that can are kept", () => {
  const socket = new Money();
  const error = Object.assign(new Error("ECONNRESET"), {
    code: "ECONNRESET",
    config: { headers: { accept: "*" }, transform: [() => {}] },
    request: socket,
    nested: { error: Object.assign(new TypeError("deep"), { socket, port: 80 }) },
    then: () => {},
    details: new Map([["try", 1n]]),
    errors: { email: ["missing"] },
    tag: Symbol("t"),
  });
  Object.defineProperty(error, "lazy", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  const copy = roundTrip(error);
  expect(Object.keys(copy).toSorted()).toEqual(["code", "details", "errors", "lazy", "nested"]);
  expect(copy).toMatchObject({
    code: "ECONNRESET",
    details: new Map([["try", 1n]]),
    errors: { email: ["missing"] },
    lazy: undefined,
  });
  const { nested } = copy as typeof error;
  expect([nested.error.message, { ...nested.error }]).toEqual(["deep", { port: 80 }]);
});

test("a cause or a listed error that cannot be serialized is described [03-3.7.unreadable]", () => {
  const weak = new AggregateError([{ map: new WeakMap() }, new Error("fine")], "all", { cause: () => {} });
  const copy = roundTrip(weak);
  expect((copy.cause as Error).message).toContain("a function");
  expect((copy.errors as Error[]).map((error) => error.message)).toEqual([
    expect.stringContaining("a WeakMap"),
    "fine",
  ]);
});

test("many errors that share a large property take time in proportion", () => {
  const context = Array.from({ length: 50 }, (_, i) => ({ i }));
  let error = new Error("innermost");
  for (let i = 0; i < 200; i++)
    error = Object.assign(new Error(`level ${i}`, { cause: error }), { context, inner: { error } });
  const copy = roundTrip(error) as typeof error & { context: object; inner: { error: unknown } };
  expect(copy.inner.error).toBe(copy.cause);
  expect((copy.cause as typeof copy).context).toBe(copy.context);
});

test.each([["text"], [undefined], [null], [404], [{ code: 1, why: new Date(3) }], [["a"]], [Number.NaN]])(
  "a thrown %j is an ordinary value",
  (value) => {
    expect(thrown(value)).toEqual(value);
    expect(serializeThrown(value, at)).toBe(serialize(value, at));
  },
);

test.each<[string, unknown, string]>([
  ["function", function save() {}, "a function save"],
  ["symbol", Symbol("s"), "the symbol Symbol(s)"],
  ["class instance", new Money(), "an instance of Money"],
  ["object with a class instance", { money: new Money() }, "error.money is an instance of Money"],
  ["promise", Promise.resolve(), "a Promise"],
  ["Response", new Response("body"), "a Response"],
])("a thrown %s that cannot be serialized becomes an error that describes it", (_, value, text) => {
  const copy = thrown(value);
  expect(copy).toBeInstanceOf(Error);
  expect((copy as Error).message).toContain("Something that cannot be serialized was thrown");
  expect((copy as Error).message).toContain(text);
});

test("an error too large or too deep keeps what matters of it", () => {
  const large = new RetryableError("x".repeat(20_000), { retryAfter: new Date(9), cause: "y".repeat(40_000_000) });
  Object.assign(large, { status: 503, body: "z".repeat(1_000_000), ["k".repeat(20_000)]: 1 });
  for (let i = 0; i < 100_000; i++) Reflect.set(large, `p${i}`, i);
  const copy = thrown(large) as typeof large;
  expect(copy).toBeInstanceOf(RetryableError);
  expect(copy).toMatchObject({ name: "RetryableError", retryAfter: new Date(9), status: 503 });
  expect(serializeThrown(large, at).length).toBeLessThan(100_000);

  let deep: Error = new errors.FatalError("core");
  for (let i = 0; i < 2000; i++) deep = new errors.FatalError(`level ${i}`, { cause: deep });
  expect(thrown(deep)).toMatchObject({ message: "level 1999", fatal: true });
});

test("hostile thrown values do not make recording the failure fail [03-3.7.unreadable]", () => {
  const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
  revoke();
  const spiteful = {
    get message(): never {
      throw new Error("no");
    },
    get [Symbol.toStringTag](): never {
      throw new Error("no");
    },
  };
  const broken = Object.defineProperties(new Error("x"), {
    message: { get: () => spiteful },
    stack: { get: () => spiteful.message },
    name: { get: () => spiteful.message },
  });
  const callable = Proxy.revocable(() => {}, {});
  callable.revoke();
  const verbose = {
    get body(): never {
      throw new Error("x".repeat(40_000_000));
    },
  };
  expect(thrown(callable.proxy)).toBeInstanceOf(Error);
  expect(thrown(verbose)).toBeInstanceOf(Error);
  expect(thrown(proxy)).toBeInstanceOf(Error);
  expect(thrown(spiteful)).toBeInstanceOf(Error);
  expect(thrown(broken)).toBeInstanceOf(Error);
});
