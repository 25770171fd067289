import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { StoredCode } from "../world/world.ts";

/** What stack traces call the bundle of a code hash. */
export function bundleName(codeHash: string): string {
  return `workflow-code-${codeHash.slice(0, 16)}.js`;
}

const maps = new Map<string, TraceMap>();

function mapOf(code: StoredCode): TraceMap | undefined {
  if (code.map === "") return undefined;
  const known = maps.get(code.hash);
  if (known !== undefined) return known;
  const map = new TraceMap(code.map);
  maps.set(code.hash, map);
  return map;
}

/** Rewrites a stack trace from realm code to the user's files, and leaves out the frames of the engine. */
export function userStack(stack: string, code: StoredCode): string {
  const frame = framePattern(code);
  return stack
    .split("\n")
    .filter((line) => !isEngineFrame(line))
    .map((line) =>
      line.replace(frame, (whole, row: string, column: string) => locate(code, Number(row), Number(column)) ?? whole),
    )
    .join("\n");
}

/** The first place in the user's files that a stack trace names, as `file:line:column`. */
export function userPosition(stack: string, code: StoredCode): string | undefined {
  for (const [, row, column] of stack.matchAll(new RegExp(framePattern(code), "g"))) {
    const found = locate(code, Number(row), Number(column));
    if (found !== undefined) return found;
  }
  return undefined;
}

function framePattern(code: StoredCode): RegExp {
  return new RegExp(`${bundleName(code.hash)}:(\\d+):(\\d+)`);
}

/** Of the realm's own code, and of the part of the engine that a stack of workflow code ends in. */
const ENGINE_FRAME = /^\s+at .*(?:workflow-prelude\.js|node:vm|node:internal|node:async_hooks)/;
const { pathname } = new URL("..", import.meta.url);
/** Frames name files by path or by URL. */
const ENGINE_DIRECTORIES = [pathname, decodeURIComponent(pathname)];

function isEngineFrame(line: string): boolean {
  return ENGINE_FRAME.test(line) || (/^\s+at /.test(line) && ENGINE_DIRECTORIES.some((path) => line.includes(path)));
}

function locate(code: StoredCode, row: number, column: number): string | undefined {
  const map = mapOf(code);
  if (map === undefined) return undefined;
  const shift = row === 1 ? WRAPPER.length : 0;
  const { source, line, column: at } = originalPositionFor(map, { line: row, column: Math.max(column - 1 - shift, 0) });
  return source === null ? undefined : `${source}:${line}:${at + 1}`;
}

/** What stands before the bundle on its first line. */
export const WRAPPER = "(function (exports, __workflow) {";
