import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATED_AT, createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

/** Half an hour off, and one whose clocks skip an hour in spring. */
const ZONES = ["Asia/Kolkata", "America/New_York"];
const zoneBefore = process.env["TZ"];
let realm: TestRealm;

beforeAll(async () => {
  realm = await createTestRealm();
});
afterAll(() => useZone(zoneBefore));

function useZone(zone: string | undefined): void {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
}

/** What the realm gives on machines in other zones, and Node on one whose zone is UTC, as often. */
async function inBoth(body: string): Promise<[found: unknown[], expected: unknown[]]> {
  useZone("UTC");
  const expected = await inNode(body);
  const found = ZONES.map((zone) => {
    useZone(zone);
    return realm.open().evaluate(body);
  });
  return [found, ZONES.map(() => expected)];
}

const TEXTS = [
  ...["2024-01-01", "2024-01", "2024", "2024-01-01T10:00", "2024-01-01T10:00:30.5", "2024-01-01T10:00Z"],
  ...["2024-01-01T10:00+05:30", "2024-01-01 10:00", "2024-01-01 10:00-05:00", "2024-03-10T02:30", "2024-03-10 02:30"],
  ...[
    "Jan 1 2024 10:00",
    "Jan 1 2024 10:00 GMT+0200",
    "Jan 1 2024 10:00 PST",
    "1 January 2024",
    "01/02/2024",
    "1/2/24",
  ],
  ...[
    "Mon, 01 Jan 2024 10:00:00 GMT",
    "Mon Jan 01 2024 10:00:00 GMT+0530 (India Standard Time)",
    "Jan 1 2024 10:00 (noon",
  ],
  ...[
    "Jan 1 2024 UTC",
    "Jan 1, 2024 5 PM",
    "12:30 Jan 1 2024",
    "+012024-01-01T00:00",
    "-000001-01-01",
    "Zoo Jan 1 2024",
  ],
  ...["2024-13-01", "nonsense", "", "10", "Jan", "2024-01-01T24:00", "2024-01-01T25:00", "2024-1-1", "2024-01-01Z"],
  ...["(x) Jan 1 2024", "Jan 1 2024 z", "Jan 1 2024 10:00:00.123", "2024-01-01T10:00:00 (a(b)c) GMT", "Feb 31 2024"],
];

test("text is read as in UTC, whether or not it names a zone", async () => {
  const [found, expected] = await inBoth(
    `return ${JSON.stringify(TEXTS)}.map((text) => [text, Date.parse(text), new Date(text).getTime()])`,
  );
  expect(found).toEqual(expected);
});

const one = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const day = fc.oneof(
  one("2024-03-10", "2024-1-5", "3/10/2024", "March 10, 2024", "10 Mar 2024", "Sun Mar 10 2024", "Sun, 10 March 2024"),
  fc.integer({ min: 1, max: 28 }).map((date) => `Feb ${date} 1999`),
);
const clock = fc.oneof(
  one("", " 2:30", " 02:30:00", " 10:20:30.125", " 12:05 AM", " 11:59:59 pm", " 00:00"),
  fc.integer({ min: 0, max: 23 }).map((hour) => ` ${hour}:45`),
);
const zone = fc.oneof(
  one("", " UTC", " GMT", "Z", " z", " EST", " edt", " CST", " CDT", " MST", " MDT", " PST", " PDT", " UT"),
  one("+02:00", " -0330", " +5", "-11", " GMT+0530", " UTC-8", " GMT-03:00", "+0545"),
);
const comment = one("", "", " (Nepal Time)", " (a (b) + 3:00 EST)", " (open");

test("dates in the usual forms are read as in UTC", () => {
  const date = fc
    .tuple(day, clock, zone, comment)
    .map(([a, b, c, d]) => a + (b === "" && !/[a-z]/i.test(c) ? "" : b + c) + d);
  const texts = fc.sample(date, { numRuns: 3000, seed: 8 });
  useZone("UTC");
  const expected = texts.map((text) => Date.parse(text));
  for (const name of ZONES) expect(wrongIn(name, texts, expected), name).toEqual([]);
});

test("any text is read alike on all machines", () => {
  const piece = one(
    ...["2024", "2024-01-05", "-", "/", ":", ".", " ", "T", "Z", "GMT", "UTC", "EST", "pdt", "+", "(", ")", ",", "Jan"],
    ...["March", "10", "7", "59", "10:20", "10:20:30", "+02:00", "-0500", "AM", "pm", "Mon", "mar", "ut", "x"],
  );
  const text = fc.array(piece, { maxLength: 7 }).map((parts) => parts.join(""));
  const texts = fc.sample(text, { numRuns: 20_000, seed: 7 });
  const expected = parsedIn("UTC", texts);
  for (const name of ZONES) expect(wrongIn(name, texts, expected), name).toEqual([]);
});

function parsedIn(zoneName: string, texts: readonly string[]): number[] {
  useZone(zoneName);
  const body = `return ${JSON.stringify(texts)}.map((text) => Date.parse(text))`;
  return realm
    .open()
    .evaluate<(number | null)[]>(body)
    .map((time) => time ?? NaN);
}

function wrongIn(zoneName: string, texts: readonly string[], expected: readonly number[]): string[] {
  const found = parsedIn(zoneName, texts);
  return texts.filter((_, index) => !Object.is(found[index], expected[index]));
}

test("components are UTC, with every number of arguments", async () => {
  const [found, expected] = await inBoth(`return [
    new Date(2024, 0), new Date(2024, 0, 1), new Date(24, 0, 1), new Date(2024, 2, 10, 2, 30), new Date(2024, 0, 1, 1, 2, 3, 4),
    new Date(2024, undefined), new Date("2024", "3"), new Date(8.64e15), new Date(8.64e15 + 1), new Date(NaN), new Date(null),
    new Date(undefined), new Date(true), new Date(new Date(5)), new Date({ valueOf: () => 7 }), new Date(["2024-01-01T10:00"]),
    new Date({ [Symbol.toPrimitive]: (hint) => (hint === "default" ? "2024-01-01T10:00" : 1) }), new Date(1.9), new Date(-0),
  ].map(Number)`);
  expect(found).toEqual(expected);
});

test("every getter, setter and text method is UTC", async () => {
  const [found, expected] = await inBoth(`
    const rows = [];
    const dates = [0, 1710052200000, -62198755200000, 951826154789, NaN, 253402300800000].map((time) => () => new Date(time));
    for (const name of Object.getOwnPropertyNames(Date.prototype).sort()) {
      if (name === "constructor" || name === "toTemporalInstant") continue;
      const args = name.startsWith("set") ? [[], [3], [99, 1], [2, 3, 4, 5]] : [[]];
      for (const make of dates) for (const list of args) {
        const date = make();
        let result;
        try { result = date[name](...list) } catch (error) { result = error.name }
        rows.push([name, String(result), date.getTime()]);
      }
    }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("Date behaves like the language's own class [01-1.14.date-call]", async () => {
  const [found, expected] = await inBoth(`
    class Sub extends Date { get next() { return this.getTime() + 1 } }
    const sub = new Sub(41);
    const own = Reflect.construct(Date, [5], Array);
    return [
      sub.next, sub instanceof Date, sub instanceof Sub, Date.name, Date.length, Date.UTC(2024, 0), own instanceof Array,
      new Date(0).constructor === Date, Object.prototype.toString.call(new Date()), typeof Date(), Date.prototype.constructor === Date,
      \`\${new Date(0)}\`, new Date(0) + 1, new Date(3) - 1, JSON.stringify(new Date(0)), Object.keys(Date), Object.getOwnPropertyNames(Date).sort(),
      Object.getOwnPropertyDescriptor(Date, "prototype").writable,
    ];
  `);
  expect(found).toEqual(expected);
});

test("the clock is the run's [01-1.14.date-call]", () => {
  const run = realm.open();
  const read = "return [Date.now(), new Date().getTime(), Date(), performance.now(), performance.timeOrigin]";
  expect(run.evaluate(read)).toEqual([
    CREATED_AT,
    CREATED_AT,
    "Thu Feb 29 2024 12:30:15 GMT+0000 (Coordinated Universal Time)",
    0,
    CREATED_AT,
  ]);
  run.context.now += 1500;
  expect(run.evaluate(read)).toEqual([
    ...[CREATED_AT + 1500, CREATED_AT + 1500],
    "Thu Feb 29 2024 12:30:16 GMT+0000 (Coordinated Universal Time)",
    ...[1500, CREATED_AT],
  ]);
});

test("formatting without a date takes the run's clock", () => {
  const body = `
    const format = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "long" });
    return [format.format(), format.formatToParts().map((part) => part.value).join(""), format.format === format.format];
  `;
  const text = "Thursday, February 29, 2024 at 12:30:15 PM UTC";
  expect(realm.open().evaluate(body)).toEqual([
    expect.stringMatching(text.replace(" PM", ".PM")),
    expect.stringMatching(text.replace(" PM", ".PM")),
    true,
  ]);
});
