/**
 * Streams as workflow code holds them: names of what flows between steps, other runs and the world outside. They can be
 * passed, stored and returned; everything else is for steps (contract 09 section 9.4).
 */
import { nameStream, type StreamData } from "../../../serialization/stream-values.ts";
import { UnavailableInWorkflowContextError } from "../../../world/errors.ts";
import { currentRun } from "../context.ts";
import { addMembers } from "./intrinsics.ts";

export class ReadableStream {
  constructor() {
    refuse("new ReadableStream");
  }

  static from(): never {
    return refuse("ReadableStream.from");
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
    refuse("new WritableStream");
  }

  get locked(): boolean {
    return false;
  }

  get [Symbol.toStringTag](): string {
    return "WritableStream";
  }
}

const READING = ["cancel", "getReader", "getTailIndex", "pipeThrough", "pipeTo", "tee", "values"];
const WRITING = ["abort", "close", "getWriter"];

addMembers(ReadableStream.prototype, {
  ...refusals("ReadableStream", READING),
  [Symbol.asyncIterator]: () => refuse("ReadableStream[Symbol.asyncIterator]"),
});
addMembers(WritableStream.prototype, refusals("WritableStream", WRITING));

/** The handle of a stream. */
export function streamHandle(data: StreamData): object {
  const Class = data.is === "readable" ? ReadableStream : WritableStream;
  return nameStream(Object.create(Class.prototype) as object, () => data);
}

function refusals(className: string, members: readonly string[]): Readonly<Record<string, () => never>> {
  return Object.fromEntries(members.map((member) => [member, () => refuse(`${className}.${member}`)]));
}

function refuse(what: string): never {
  throw new UnavailableInWorkflowContextError(what, currentRun()?.workflowName);
}
