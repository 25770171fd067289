import { expect, test } from "vitest";
import { createSilence } from "./silence.ts";

const silent = () => createSilence({ ttlMs: 10_000, lockMs: 300, returnMs: 3_000 });
const held = (id: number, beats: number) => ({ id, beats, lockFree: false });
const free = (id: number, beats: number) => ({ id, beats, lockFree: true });

test("a worker whose beats have not changed for the whole time is dead, and none that has beaten once", () => {
  const silence = silent();
  silence.observe([held(1, 5), held(2, 5)], 0);
  silence.observe([held(1, 5), held(2, 6)], 9_999);
  expect(silence.dead(9_999)).toEqual([]);
  silence.observe([held(1, 5), held(2, 6)], 10_000);
  expect(silence.dead(10_000)).toEqual([{ id: 1, beats: 5 }]);
});

test("silence begins when it is first seen, however long ago the last beat was", () => {
  const silence = silent();
  silence.observe([held(1, 5)], 50_000);
  expect(silence.dead(50_000)).toEqual([]);
});

test("a lock that is free at two looks that are far enough apart means death", () => {
  const silence = silent();
  silence.observe([free(1, 5)], 0);
  silence.observe([free(1, 5)], 299);
  expect(silence.dead(299)).toEqual([]);
  silence.observe([free(1, 5)], 300);
  expect(silence.dead(300)).toEqual([{ id: 1, beats: 5 }]);
});

test("a lock that was seen free once means nothing, however long ago that was", () => {
  const silence = silent();
  silence.observe([free(1, 5)], 0);
  expect(silence.dead(5_000)).toEqual([]);
});

test.each([
  ["its lock is taken again", held(1, 5)],
  ["nothing can be said about its lock", { id: 1, beats: 5, lockFree: null }],
  ["it has beaten", free(1, 6)],
])("a lock has to be free all the while: not where %s", (_what, row) => {
  const silence = silent();
  silence.observe([free(1, 5)], 0);
  silence.observe([row], 200);
  silence.observe([free(1, row.beats)], 400);
  expect(silence.dead(400)).toEqual([]);
  silence.observe([free(1, row.beats)], 700);
  expect(silence.dead(700)).toEqual([{ id: 1, beats: row.beats }]);
});

test("who cannot have a lock is judged by its beats alone", () => {
  const silence = silent();
  for (const at of [0, 5_000, 9_999]) silence.observe([{ id: 1, beats: 5, lockFree: null }], at);
  expect(silence.dead(9_999)).toEqual([]);
  silence.observe([{ id: 1, beats: 5, lockFree: null }], 10_000);
  expect(silence.dead(10_000)).toEqual([{ id: 1, beats: 5 }]);
});

test("an observer that could not look starts anew, and leaves those who were cut off the time to return", () => {
  const silence = silent();
  silence.observe([held(1, 5)], 0);
  silence.reset(20_000);
  silence.observe([free(1, 5)], 20_000);
  silence.observe([free(1, 5)], 22_999);
  expect(silence.dead(22_999)).toEqual([]);
  silence.observe([free(1, 5)], 23_000);
  expect(silence.dead(23_000)).toEqual([]);
  silence.observe([free(1, 5)], 23_300);
  expect(silence.dead(23_300)).toEqual([{ id: 1, beats: 5 }]);
});

test("a beat that was noted counts from then on, whatever number it has", () => {
  const silence = silent();
  silence.noteBeat(1, 0);
  expect(silence.dead(10_000)).toEqual([]);
  silence.observe([held(1, 5)], 10_000);
  expect(silence.dead(10_000)).toEqual([{ id: 1, beats: 5 }]);
  silence.noteBeat(1, 10_000);
  silence.observe([held(1, 6)], 19_999);
  expect(silence.dead(19_999)).toEqual([]);
});

test("who is gone is forgotten", () => {
  const silence = silent();
  silence.observe([held(1, 5)], 0);
  silence.observe([], 100);
  silence.observe([held(1, 5)], 10_000);
  expect(silence.dead(10_000)).toEqual([]);
});
