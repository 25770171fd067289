import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { addFiles, makeProject } from "../../build/fixtures/project.ts";
import { registeredSteps } from "../../compiler/registration.ts";
import { stepReloader } from "./reload-steps.ts";

afterEach(() => {
  registeredSteps().clear();
  vi.unstubAllEnvs();
});

/** Stands for `next dev`: notes what it is asked for. */
async function listen(statusOf: () => number = () => 204): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(statusOf()).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  vi.stubEnv("__NEXT_PRIVATE_ORIGIN", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return asked;
}

const step = (name: string): string => `export async function ${name}() { "use step"; }`;

interface Subject {
  readonly root: string;
  readonly reload: () => Promise<void>;
  /** The text of the generated route. */
  route(): string;
}

function makeApp(files: Readonly<Record<string, string>>): Subject {
  const root = makeProject(files);
  const folder = join(root, "app/.well-known/workflow/v1");
  const reload = stepReloader({ root, folder, isDevelopment: true, routeFile: "route.ts", basePath: "/shop" });
  return { root, reload, route: () => readFileSync(join(folder, "webhook/[token]/route.ts"), "utf8") };
}

test("the server is asked for the steps, and from then on for those of files that are new to it as well", async () => {
  const asked = await listen();
  const { root, reload, route } = makeApp({ "steps/one.ts": step("one") });

  registeredSteps().set("step//./steps/one//one", { fn: () => 1 });
  await reload();
  expect(route()).toContain("steps/one.ts");

  addFiles(root, { "steps/two.ts": step("two") });
  await reload();
  expect(route()).not.toContain("steps/two.ts");
  registeredSteps().set("step//./steps/two//two", { fn: () => 2 });
  await reload();
  expect(route()).toContain("steps/two.ts");
  expect(asked).toEqual(Array.from({ length: 3 }, () => "POST /shop/.well-known/workflow/v1/webhook/steps"));
});

test("a file that has gone is not imported any more once Next.js has stumbled over it", async () => {
  let status = 204;
  await listen(() => status);
  const { root, reload, route } = makeApp({ "steps/one.ts": step("one"), "steps/two.ts": step("two") });
  registeredSteps().set("step//./steps/one//one", { fn: () => 1 });
  await reload();
  rmSync(join(root, "steps/two.ts"));
  status = 500;
  await reload();
  expect(route()).not.toContain("steps/two.ts");
});

test("a file that cannot be compiled keeps nobody from asking, and is looked at again", async () => {
  const asked = await listen();
  const { root, reload, route } = makeApp({ "steps/one.ts": `export function one() { "use step";` });
  registeredSteps().set("step//./steps/one//one", { fn: () => 1 });
  await reload();
  expect(asked).toHaveLength(1);
  addFiles(root, { "steps/one.ts": step("one") });
  await reload();
  expect(route()).toContain("steps/one.ts");
});
