import { expect, test } from "vitest";
import { StepNotRegisteredError, WorkflowRuntimeError } from "../world/errors.ts";
import { deserialize, serialize, type Handles } from "./serialize.ts";

const handles: Handles = {
  step: (stepId) => Object.assign(() => {}, { stepId }),
  workflow: (workflowId) => Object.assign(() => {}, { workflowId }),
  run: (runId) => ({ runId }),
  class: () => undefined,
  respond: () => Promise.resolve(),
  stream: (data) => data,
  signal: (data: object) => data,
  controller: (signal: object) => ({ signal }),
};

function problemOf(payload: string): WorkflowRuntimeError {
  try {
    deserialize(payload, handles);
  } catch (error) {
    if (error instanceof WorkflowRuntimeError) return error;
    throw error;
  }
  throw new Error("it was revived");
}

test.each(["", "dev", "json{}", "encr0123", "[1]", "DEVL[1]"])(
  "the format of %j is not known [06-6.9.prefix]",
  (payload) => {
    expect(problemOf(payload).message).toContain(`has the format ${JSON.stringify(payload.slice(0, 4))}`);
  },
);

test.each<[string, string]>([
  ["nothing", ""],
  ["no JSON", "[1,"],
  ["no values", "[]"],
  ["an object", "{}"],
  ["null", "null"],
  ["text", '"x"'],
  ["an unknown constant", "-9"],
  ["a reference beyond the end", "[[7]]"],
  ["a reference that is no number", '[{"a":"x"}]'],
  ["a reference that is an array", "[[[1]]]"],
  ["a __proto__ key", '[{"__proto__":1},{"admin":2},true]'],
  ["a __proto__ key without a prototype", '[["null","__proto__",1],1]'],
  ["a key that is no text", '[["null",1,1]]'],
  ["an unknown tag", '[["Function",1],"return process"]'],
  ["a tag of devalue's that is not ours", '[["Uint8Array",1],["ArrayBuffer","AAAA"]]'],
  ["Temporal", '[["Temporal.Instant","1970-01-01T00:00Z"]]'],
  ["an inherited tag", '[["constructor",1],1]'],
  ["a huge array", "[[-7,4294967295]]"],
  ["an array of no length", '[[-7,"x"]]'],
  ["an index beyond the array", "[[-7,5,6,1],1]"],
  ["a huge bigint", `[["BigInt","${"9".repeat(100_000)}"]]`],
  ["a bigint that is none", '[["BigInt","1n"]]'],
  ["a bigint from elsewhere", '[["BigInt",{"a":1}]]'],
  ["a bad regular expression", '[["RegExp","("]]'],
  ["bad flags", '[["RegExp","a","gg"]]'],
  ["a bad URL", '[["URL","nowhere"]]'],
  ["a map without a value", '[["Map",1],1]'],
  ["a box around an object", '[["Object",1],{}]'],
  ["a special value inside itself", '[["special",0]]'],
  ["a special value that is no reference", '[["special",{"is":1}],"run"]'],
  ["a special value of no kind", '[["special",1],{"is":2},"constructor"]'],
  ["a special value that is null", '[["special",1],null]'],
  ["a special value that is undefined", '[["special",-1]]'],
  ["a step without a name", '[["special",1],{"is":2,"stepId":3},"step",7]'],
  ["variables of a step that has no name", '[["special",1],{"is":2,"closureVars":3},"closure",{}]'],
  ["variables of a step that are no object", '[["special",1],{"is":2,"stepId":2,"closureVars":3},"closure",1]'],
  ["a run without an id", '[["special",1],{"is":2},"run"]'],
  ["bytes that are no base64", '[["special",1],{"is":2,"base64":3},"buffer","A!=="]'],
  ["bytes of an impossible length", '[["special",1],{"is":2,"base64":3},"buffer","AAAAA"]'],
  ["bytes that are no text", '[["special",1],{"is":2,"base64":3},"buffer",1000000000]'],
  ["a view of a length", '[["special",1],{"is":2,"type":3,"buffer":4},"view","Uint8Array",1000000000]'],
  [
    "a view that is no view",
    '[["special",1],{"is":2,"type":3,"buffer":4},"view","Function",["special",5],{"is":6,"base64":7},"buffer","AAAA"]',
  ],
  [
    "a view that does not fit",
    '[["special",1],{"is":2,"type":3,"buffer":4},"view","Uint16Array",["special",5],{"is":6,"base64":7},"buffer","AAAA"]',
  ],
  ["an error without a message", '[["special",1],{"is":2,"class":3},"error","Error"]'],
  ["an error of another class", '[["special",1],{"is":2,"class":3,"message":3},"error","Function"]'],
  ["an error of an inherited class", '[["special",1],{"is":2,"class":3,"message":3},"error","__proto__"]'],
  [
    "an error whose name is a function",
    '[["special",1],{"is":2,"class":3,"message":3,"name":4},"error","Error",["special",5],{"is":6,"stepId":3},"step"]',
  ],
  ["an error whose stack is an object", '[["special",1],{"is":2,"class":3,"message":3,"stack":4},"error","Error",{}]'],
  ["a class without an id", '[["special",1],{"is":2},"class"]'],
  ["an instance without an id", '[["special",1],{"is":2,"data":2},"instance"]'],
  ["an instance without data", '[["special",1],{"is":2,"classId":3},"instance","class//./a//A"]'],
  ["an instance inside itself", '[["special",1],{"is":2,"classId":3,"data":0},"instance","class//./a//A"]'],
  ["arguments of a bound step that are no list", '[["special",1],{"is":2,"stepId":2,"boundArgs":3},"bound",{}]'],
  [
    "variables of a bound step that are null",
    '[["special",1],{"is":2,"stepId":2,"closureVars":3,"boundArgs":4},"bound",null,[]]',
  ],
  ["an object that is a promise", '[{"then":1},["special",2],{"is":3,"stepId":4},"step","s"]'],
  ["a bare object that is a promise", '[["null","then",1],["special",2],{"is":3,"workflowId":4},"workflow","w"]'],
  ["a date that is an object", '[["Date",{}]]'],
  ["a URL from elsewhere", '[["URL",["http://a"]]]'],
  ["headers that are an object", '[["special",1],{"is":2,"entries":3},"headers",{"a":2}]'],
  ["headers with an object for a value", '[["special",1],{"is":2,"entries":3},"headers",[4],[2,5],{"toString":2}]'],
  [
    "a request with an object for a method",
    '[["special",1],{"is":2,"method":3,"url":4,"headers":5,"body":6},"request",{},"http://a",[],null]',
  ],
  [
    "a response with a text for a status",
    '[["special",1],{"is":2,"status":2,"statusText":2,"headers":3,"body":4},"response",[],null]',
  ],
  ["bad headers", '[["special",1],{"is":2,"entries":3},"headers",[4],[5,5],"\\n"]'],
  ["a nesting beyond the stack", `[${Array.from({ length: 200_000 }, (_, i) => `[${i + 1}]`).join(",")},1]`],
  ["a nesting of brackets", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["a chain of special values", `[${Array.from({ length: 100_000 }, (_, i) => `["special",${i + 1}]`).join(",")},1]`],
])("a damaged payload is reported: %s", (_, text) => {
  expect(problemOf(`devl${text}`)).toMatchObject({
    code: "RUNTIME_ERROR",
    message: expect.stringContaining("A stored value cannot be revived"),
  });
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

test("properties of a revived error cannot reach its prototype", () => {
  const payload =
    '[["special",1],{"is":2,"class":3,"message":3,"own":4},"error","Error",{"constructor":5,"toString":5},"own"]';
  const error = deserialize(`devl${payload}`, handles) as Error;
  expect(Object.keys(error)).toEqual(["constructor", "toString"]);
  expect(new Error("x").toString()).toBe("Error: x");
});

test("what the handles say about a reference passes through", () => {
  const payload = serialize(
    Object.assign(() => {}, { stepId: "gone" }),
    { what: "hook payload", of: "t" },
  );
  const missing = new StepNotRegisteredError("gone");
  const step = (): never => {
    throw missing;
  };
  expect(() => deserialize(payload, { ...handles, step })).toThrow(missing);
});

test("an unknown class is named", () => {
  const payload = '[["special",1],{"is":2,"classId":3,"data":2},"instance","class//./gone//Gone"]';
  expect(problemOf(`devl${payload}`).message).toContain("class//./gone//Gone, which is not known here");
});

test("an object may have a `then` that is no function", () => {
  const revived = deserialize('devl[{"then":1,"bare":2},"text",["null","then",1]]', handles);
  expect(revived).toEqual({ then: "text", bare: Object.assign(Object.create(null) as object, { then: "text" }) });
});
