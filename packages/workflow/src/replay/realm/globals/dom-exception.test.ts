import { expect, test } from "vitest";
import { createTestRealm, inNode } from "./fixtures/realm.ts";

test("DOMException is the web's", async () => {
  const body = `
    const names = [undefined, "Error", "AbortError", "DataCloneError", "NotFoundError", "Odd", "InUseAttributeError", "URLMismatchError", "toString", "QuotaExceededError"];
    const rows = names.map((name) => {
      const error = new DOMException("text", name);
      return [error.name, error.message, error.code, String(error), error instanceof Error, Object.prototype.toString.call(error), error.stack.split("\\n")[0]];
    });
    const caused = new DOMException("m", { name: "TimeoutError", cause: 7 });
    rows.push([new DOMException().message, caused.name, caused.cause, Object.keys(caused), "cause" in new DOMException("m", {})]);
    const constants = (owner) => Object.getOwnPropertyNames(owner).filter((name) => name.endsWith("_ERR")).sort().map((name) => [name, owner[name]]);
    rows.push(constants(DOMException), constants(DOMException.prototype));
    try { throw new DOMException("thrown", "AbortError") } catch ({ name }) { rows.push(name) }
    try { new DOMException("m").code = 5; rows.push("assigned") } catch (error) { rows.push(error.name) }
    class Sub extends DOMException {}
    rows.push(new Sub("s", "AbortError") instanceof Sub);
    return rows;
  `;
  expect((await createTestRealm()).open().evaluate(body)).toEqual(await inNode(body));
});
