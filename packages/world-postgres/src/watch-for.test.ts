import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "workflow/world";
import type { Core } from "./core.ts";
import { listenTo, watchFor } from "./watch-for.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const core = {
  clock: systemClock(),
  poll: true,
  closing: new AbortController(),
  method: (task: () => unknown) => task,
} as unknown as Core;
const sought = { timeoutMs: 60_000, signal: undefined, listen: listenTo() };

test("a look that fails while the first one is under way is nobody's failure", async () => {
  const { promise: first, resolve } = Promise.withResolvers<boolean>();
  const look = vi.fn<() => Promise<boolean>>().mockRejectedValue(new Error("No connection")).mockReturnValueOnce(first);
  const found = watchFor(core, { ...sought, look, isOver: Boolean });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(look).toHaveBeenCalledTimes(2);
  resolve(true);
  expect(await found).toBe(true);
});

test("a look that fails while somebody waits is told", async () => {
  const look = vi
    .fn<() => Promise<boolean>>()
    .mockRejectedValue(new Error("No connection"))
    .mockResolvedValueOnce(false);
  const found = watchFor(core, { ...sought, look, isOver: Boolean }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await found).toMatchObject({ message: "No connection" });
});
