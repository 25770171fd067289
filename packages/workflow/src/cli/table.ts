import measure from "fast-string-truncated-width";
import { printable } from "./printable.ts";
import type { Style, Terminal } from "./terminal.ts";

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** What stays when the screen is too narrow for all. Without it the column is never cut. */
  readonly keep?: "start" | "end";
}

/** No column is cut shorter than this. */
const NARROWEST = 8;
const GAP = "  ";

/**
 * Aligned lines with titles above. A column that has nothing to say is left out. `below` gives lines that belong to
 * a row; they are indented, and not cut.
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: Pick<Terminal, "width" | "paint">,
  below: (row: Row) => readonly string[] = () => [],
): string[] {
  const shown = columns
    .map((column) => ({ ...column, cells: rows.map((row) => printable(column.text(row))) }))
    .filter(({ cells }) => cells.some((text) => text !== ""));
  const widths = fit(shown, width);
  const lineOf = (cells: readonly Cell[]): string => {
    return cells
      .map((cell, index) => fill(cell, widths[index] ?? 0, paint))
      .join(GAP)
      .trimEnd();
  };
  return [
    lineOf(shown.map(({ title }) => ({ text: title, keep: "start", style: "dim" }))),
    ...rows.flatMap((row, index) => [
      lineOf(shown.map(({ cells, keep, style }) => ({ text: cells[index] ?? "", keep, style: style?.(row) }))),
      ...below(row).map((line) => `${GAP}${GAP}${line}`),
    ]),
  ];
}

interface Cell {
  readonly text: string;
  readonly keep: "start" | "end" | undefined;
  readonly style: Style | undefined;
}

function fill({ text, keep, style }: Cell, width: number, paint: Terminal["paint"]): string {
  const cut = widthOf(text) <= width ? text : keep === "end" ? endOf(text, width) : startOf(text, width);
  const padding = " ".repeat(Math.max(0, width - widthOf(cut)));
  return (style === undefined ? cut : paint(style, cut)) + padding;
}

function startOf(text: string, width: number): string {
  return `${text.slice(0, measure(text, { limit: width, ellipsis: "…" }).index)}…`;
}

function endOf(text: string, width: number): string {
  const characters = [...text];
  while (widthOf(characters.join("")) >= width) characters.shift();
  return `…${characters.join("")}`;
}

interface Sized extends Pick<Column<never>, "title" | "keep"> {
  readonly cells: readonly string[];
}

/** As wide as the longest text of each column. What is too much is taken from those that may be cut, the widest first. */
function fit(columns: readonly Sized[], limit: number = Infinity): number[] {
  const widths = columns.map(({ title, cells }) => Math.max(...[title, ...cells].map(widthOf)));
  const total = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  for (let excess = total - limit; excess > 0; excess--) {
    const cuttable = columns.map(({ keep }, index) => (keep === undefined ? 0 : (widths[index] ?? 0)));
    const widest = Math.max(...cuttable);
    if (widest <= NARROWEST) break;
    widths[cuttable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function widthOf(text: string): number {
  return measure(text).width;
}
