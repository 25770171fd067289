import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registeredSteps } from "../compiler/registration.ts";
import { currentDeployment, installDeployment } from "../worker/deployment.ts";
import { deployInDevelopment } from "./development.ts";
import { makeProject } from "./fixtures/project.ts";

beforeEach(() => {
  vi.stubEnv("WORKFLOW_WORKER", "off");
});

afterEach(() => {
  vi.unstubAllEnvs();
  installDeployment(undefined);
  registeredSteps().clear();
});

/** A reload that ends when it is told to. */
function heldReload(): { readonly reload: () => Promise<void>; readonly ends: (() => void)[] } {
  const ends: (() => void)[] = [];
  return { reload: () => new Promise((resolve) => ends.push(resolve)), ends };
}

const nextTask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("who asks during a reload waits for the next one, and all who do share it", async () => {
  const { reload, ends } = heldReload();
  deployInDevelopment({ root: makeProject({}), modules: [], reload });
  await nextTask();
  expect(ends).toHaveLength(1);

  let caughtUp = 0;
  const asked = [1, 2].map(() =>
    currentDeployment()
      ?.catchUp?.()
      .then(() => caughtUp++),
  );
  ends[0]?.();
  await nextTask();
  expect([ends.length, caughtUp]).toEqual([2, 0]);
  ends[1]?.();
  await Promise.all(asked);
  expect([ends.length, caughtUp]).toEqual([2, 2]);
});

test("a reload that fails is over, and the next one may be better", async () => {
  const reload = vi.fn<() => Promise<void>>().mockRejectedValue(new Error("a syntax error"));
  deployInDevelopment({ root: makeProject({}), modules: [], reload });
  await currentDeployment()?.catchUp?.();
  await currentDeployment()?.catchUp?.();
  expect(reload.mock.calls.length).toBeGreaterThanOrEqual(2);
});

test("a step that is not there is looked for by a reload", async () => {
  const found = async (): Promise<void> => void registeredSteps().set("step//./a//b", { fn: () => 1 });
  deployInDevelopment({ root: makeProject({}), modules: [], reload: found });
  await currentDeployment()?.loadStep("step//./a//b");
  expect(registeredSteps().has("step//./a//b")).toBe(true);
});

test("where the bundler follows edits by itself, nobody waits for it", () => {
  deployInDevelopment({ root: makeProject({}), modules: [] });
  expect(currentDeployment()?.catchUp).toBeUndefined();
});
