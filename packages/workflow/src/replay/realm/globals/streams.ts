/**
 * Streams as workflow code holds them: names of what flows between steps, other runs and the world outside. They can be
 * passed, stored and returned; reading and writing is for steps.
 */
import { nameStream, type StreamData } from "../../../serialization/stream-values.ts";
import { addMembers } from "./intrinsics.ts";

type Refusing = () => never;

export class ReadableStream {
  constructor() {
    refuseToMake("ReadableStream");
  }

  static from(): never {
    return refuseToMake("ReadableStream.from()");
  }

  get locked(): boolean {
    return false;
  }

  get [Symbol.toStringTag](): string {
    return "ReadableStream";
  }
}

export class WritableStream {
  constructor() {
    refuseToMake("WritableStream");
  }

  get locked(): boolean {
    return false;
  }

  get [Symbol.toStringTag](): string {
    return "WritableStream";
  }
}

addMembers(ReadableStream.prototype, {
  ...refusals("ReadableStream", ["cancel", "getReader", "pipeThrough", "pipeTo", "tee", "values"]),
  [Symbol.asyncIterator]: refusal("ReadableStream", "[Symbol.asyncIterator]"),
});
addMembers(WritableStream.prototype, refusals("WritableStream", ["abort", "close", "getWriter"]));

/** The handle of a stream. */
export function streamHandle(data: StreamData): object {
  const Class = data.is === "readable" ? ReadableStream : WritableStream;
  return nameStream(Object.create(Class.prototype) as object, () => data);
}

function refusals(className: string, members: readonly string[]): Readonly<Record<string, Refusing>> {
  return Object.fromEntries(members.map((member) => [member, refusal(className, member)]));
}

function refusal(className: string, member: string): Refusing {
  const refuse: Refusing = () => {
    const what = className === "ReadableStream" ? "read" : "written";
    throw new Error(
      `${className}.${member} is not supported in workflow functions: pass the stream to a "use step" function, where it ` +
        `can be ${what}`,
    );
  };
  return Object.defineProperty(refuse, "name", { value: member });
}

function refuseToMake(what: string): never {
  throw new Error(
    `${what} is not available in workflow functions: make streams inside a "use step" function and return them`,
  );
}
