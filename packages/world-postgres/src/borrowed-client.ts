import type { ClientBase } from "pg";
import { WorkflowWorldError } from "workflow/world";

const ENDS_OR_BEGINS =
  /^\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+((work|transaction)\s+)?to))\b/i;

/**
 * A client as it is given to people within a transaction that is not theirs: they cannot end that, nor give the connection
 * to others, nor use it once it was taken back.
 */
export function borrowed(client: ClientBase): { readonly client: ClientBase; takeBack(): void } {
  let isTheirs = true;

  const query = (...args: readonly unknown[]): unknown => {
    if (!isTheirs)
      return Promise.reject(
        refused("The client of a transactional step was used after the step's end. Await each statement"),
      );
    if (ENDS_OR_BEGINS.test(textOf(args[0]))) {
      const message = `A transactional step cannot say ${textOf(args[0])}: its transaction has begun, and is committed with its result`;
      return Promise.reject(refused(`${message}. Leave that out; SAVEPOINT may be used`));
    }
    return Reflect.apply(client.query, client, args);
  };
  // Libraries release what they are lent; here there is nothing to release.
  const own: Readonly<Record<PropertyKey, unknown>> = { query, release: () => undefined, end: () => Promise.resolve() };
  const theirs = new Proxy(client, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
  });
  return { client: theirs, takeBack: () => void (isTheirs = false) };
}

function textOf(query: unknown): string {
  if (typeof query === "string") return query;
  const text: unknown = typeof query === "object" && query !== null ? Reflect.get(query, "text") : undefined;
  return typeof text === "string" ? text : "";
}

function refused(message: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field: "client" });
}
