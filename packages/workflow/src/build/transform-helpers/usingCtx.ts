/** What lowered `using` declarations of one block register with. The transformer decides its shape. */
interface UsingContext {
  /** The error that left the block; anything else than its first value counts as one. */
  e: unknown;
  /** `using` */
  u(value: unknown): unknown;
  /** `await using` */
  a(value: unknown): unknown;
  /** Disposes all, last first; a promise if any of them is asynchronous. */
  d(): unknown;
}

interface Resource {
  readonly isAsync: boolean;
  readonly dispose: () => unknown;
}

export default function usingCtx(): UsingContext {
  const noError = {};
  const resources: Resource[] = [];
  const context: UsingContext = {
    e: noError,
    u: (value) => register(resources, value, false),
    a: (value) => register(resources, value, true),
    d: () => (resources.some(({ isAsync }) => isAsync) ? disposeAsync() : disposeSync()),
  };
  const failed = (error: unknown): void => {
    context.e = context.e === noError ? error : suppress(error, context.e);
  };
  function disposeSync(): void {
    for (const resource of resources.toReversed()) attempt(resource.dispose, failed);
    if (context.e !== noError) throw context.e;
  }
  async function disposeAsync(): Promise<void> {
    for (const resource of resources.toReversed()) {
      const pending = attempt(resource.dispose, failed);
      if (resource.isAsync) await Promise.resolve(pending).catch(failed);
    }
    if (context.e !== noError) throw context.e;
  }
  return context;
}

function register(resources: Resource[], value: unknown, isAsync: boolean): unknown {
  if (value === null || value === undefined) {
    if (isAsync) resources.push({ isAsync, dispose: () => undefined });
    return value;
  }
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Only objects can be disposed");
  const asyncDispose: unknown = isAsync ? Reflect.get(value, Symbol.asyncDispose) : undefined;
  const dispose: unknown = asyncDispose ?? Reflect.get(value, Symbol.dispose);
  if (typeof dispose !== "function") throw new TypeError("The object has no dispose method");
  const call = (): unknown => dispose.call(value);
  // A synchronous method's result is not waited for, even if it is a promise.
  resources.push({
    isAsync,
    dispose: isAsync && asyncDispose === undefined ? () => void call() : call,
  });
  return value;
}

function attempt(action: () => unknown, failed: (error: unknown) => void): unknown {
  try {
    return action();
  } catch (error) {
    return failed(error);
  }
}

/** Node 22 has no `SuppressedError`. */
function suppress(error: unknown, suppressed: unknown): Error {
  const plain = new Error("An error was suppressed during disposal");
  return Object.assign(plain, { name: "SuppressedError", error, suppressed });
}

/** What `require()` of this module gives. */
export { usingCtx as "module.exports" };
