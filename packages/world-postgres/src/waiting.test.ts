import { createTestClock } from "@workflow/world/testkit";
import type { WorkflowRun } from "workflow/world";
import { createHints } from "workflow/world-parts";
import { expect, test } from "vitest";
import type { Core } from "./core.ts";
import { createWaiting } from "./waiting.ts";

const RUN = { runId: "wrun_1", status: "running" } as WorkflowRun;

/** A database that does not answer whether a run has ended. */
function silent(): Promise<boolean> {
  return new Promise(() => undefined);
}

test.each(["the World closes", "the caller gives up", "the time is over", "a hint says so"])(
  "a wait is over when %s, before the first answer",
  async (how) => {
    const clock = createTestClock();
    const closing = new AbortController();
    const abort = new AbortController();
    const hints = createHints(() => ({ announce: () => undefined, tell: () => undefined }));
    const method: Core["method"] =
      (task) =>
      async (...args): Promise<Awaited<ReturnType<typeof task>>> =>
        await task(...args);
    const core = { clock, hints, closing, poll: false, method } as Partial<Core> as Core;
    const { waitForTerminalStatus } = createWaiting(core, { hasEnded: silent, get: async () => RUN });
    const waiting = waitForTerminalStatus(RUN.runId, { timeoutMs: 1000, signal: abort.signal });
    if (how === "the World closes") closing.abort();
    else if (how === "the caller gives up") abort.abort();
    else if (how === "the time is over") clock.advance(1000);
    else hints.hear({ kind: "ended", runId: RUN.runId });
    expect(await waiting).toBe(RUN);
  },
);
