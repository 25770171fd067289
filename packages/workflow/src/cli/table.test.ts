import { expect, test } from "vitest";
import { type Column, table } from "./table.ts";

interface Row {
  readonly name: string;
  readonly note?: string;
}

const columns: readonly Column<Row>[] = [
  { title: "NAME", text: (row) => row.name },
  { title: "EMPTY", text: () => "" },
  { title: "NOTE", text: (row) => row.note ?? "", keep: "start", style: () => "red" },
];
const plain = { width: undefined, paint: (_style: unknown, text: string) => text };

test("columns are as wide as they must be, those with nothing to say are left out", () => {
  const rows = [{ name: "a", note: "one" }, { name: "long name" }, { name: "b", note: "x".repeat(200) }];
  expect(table(columns, rows, plain)).toEqual([
    "NAME       NOTE",
    "a          one",
    "long name",
    `b          ${"x".repeat(200)}`,
  ]);
});

test("what belongs to a row stands below it, indented", () => {
  const rows = [{ name: "a" }, { name: "b" }];
  expect(table(columns, rows, plain, (row) => [`of ${row.name}`])).toEqual(["NAME", "a", "    of a", "b", "    of b"]);
});

test("on a screen, columns that may be cut share what is missing, the widest first", () => {
  const cut: readonly Column<string>[] = [
    { title: "FIXED", text: () => "1234567890" },
    { title: "A", text: (text) => text, keep: "start" },
    { title: "B", text: (text) => text, keep: "end" },
    { title: "C", text: () => "short", keep: "start" },
  ];
  const row = "abcdefghijklmnopqrstuvwxyz";
  const [, line] = table(cut, [row], { ...plain, width: 41 });
  expect(line).toBe("1234567890  abcdefghi…  …rstuvwxyz  short");
  // Below eight columns each it would say nothing any more, so it is broken by the screen instead.
  expect(table(cut, [row], { ...plain, width: 10 })[1]).toBe("1234567890  abcdefg…  …tuvwxyz  short");
});

test("wide characters take two columns, and are not cut in half", () => {
  const rows = [
    { name: "日本", note: "🎉" },
    { name: "four", note: "日本語日本語日本語" },
  ];
  expect(table(columns, rows, { ...plain, width: 15 })).toEqual(["NAME  NOTE", "日本  🎉", "four  日本語日…"]);
});

test("colours are around texts, not around what fills the column", () => {
  const paint = (style: unknown, text: string): string => `<${String(style)}:${text}>`;
  expect(table(columns.toReversed(), [{ name: "a", note: "x" }], { width: undefined, paint })).toEqual([
    "<dim:NOTE>  <dim:NAME>",
    "<red:x>     a",
  ]);
});

test("control characters neither break a line nor reach the terminal", () => {
  expect(table(columns, [{ name: "a\nb\u001b[2J\u202e" }], plain)[1]).toBe("a\\nb\\u001b[2J\\u202e");
});
