import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Child, startNode } from "./support/child.ts";

const FIXTURE = join(import.meta.dirname, "fixtures/bundlers");
const BUILD = join(import.meta.dirname, "bundlers/build.ts");
const DEVELOP = join(import.meta.dirname, "bundlers/develop.ts");
const PACKAGE = join(import.meta.dirname, "../packages/workflow");

const BUILT = ["--enable-source-maps", "dist/server.js"];
const MANIFEST = ".well-known/workflow/v1/manifest.json";

/** A project of its own, with the package linked into it. */
function project(): string {
  const app = realpathSync(mkdtempSync(join(tmpdir(), "bundled-")));
  onTestFinished(() => rmSync(app, { recursive: true, force: true }));
  cpSync(FIXTURE, app, { recursive: true });
  mkdirSync(join(app, "node_modules"));
  symlinkSync(PACKAGE, join(app, "node_modules/workflow"));
  cpSync(join(app, "libraries/farewells"), join(app, "node_modules/farewells"), { recursive: true });
  rmSync(join(app, "libraries"), { recursive: true });
  return app;
}

async function build(app: string, bundler: string): Promise<void> {
  const child = startNode([BUILD, bundler], { cwd: app });
  const { code } = await child.exit;
  expect(code, child.stderr).toBe(0);
}

interface Server extends AsyncDisposable {
  readonly child: Child;
  ask<T>(path: string, body?: unknown): Promise<T>;
}

async function serve(
  app: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = startNode(args, { cwd: app, env });
  onTestFinished(async () => void (await child.kill("SIGKILL")));
  const [, port] = await child.line(/"port":(\d+)/);
  return {
    child,
    async ask<T>(path: string, body?: unknown) {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      return (await (await fetch(`http://127.0.0.1:${port}/${path}`, init)).json()) as T;
    },
    [Symbol.asyncDispose]: async () => void (await child.kill("SIGKILL")),
  };
}

test.each(["vite", "rollup", "rolldown", "esbuild", "webpack", "rspack"])(
  "what %s has built finishes runs of before it was killed, before anything is asked of it, and tells errors in the user's lines",
  { timeout: 60_000 },
  async (bundler) => {
    const app = project();
    await build(app, bundler);
    const first = await serve(app, BUILT);
    const runs = await Promise.all(["ann", "bob", "cat", "dan"].map((name) => first.ask<string>(`start/${name}`)));
    await Promise.all(
      ["ann", "bob", "cat", "dan"].map((name) => first.child.line(new RegExp(`^waiting for ${name}$`))),
    );
    const leaving = await first.ask<string>("leave/eve");
    expect(await first.ask(MANIFEST)).toMatchObject({ code: "HOOK_NOT_FOUND" });
    await first.child.kill("SIGKILL");

    await using second = await serve(app, BUILT, { WORKFLOW_PUBLIC_MANIFEST: "1" });
    const manifest = JSON.parse(readFileSync(join(app, "dist/workflow-manifest.json"), "utf8"));
    expect(manifest).toMatchObject({
      workflows: { "src/greet.ts": { greet: { workflowId: "workflow//./src/greet//greet" } } },
      steps: { "src/steps/rise.ts": { rise: { stepId: "step//./src/steps/rise//rise" } } },
    });
    expect(await second.ask(MANIFEST)).toEqual(manifest);
    const [ann, bob, cat, dan] = runs;
    // The step of this run is in a module that nothing has imported yet.
    await second.child.line(/^dan slept$/);
    expect(await second.ask(`result/${dan}`)).toBe("HELLO, DAN!");
    expect(await second.ask(`result/${leaving}`)).toBe("Bye, eve");
    await second.ask("resume/greet-ann", { greeting: "Hi" });
    expect(await second.ask(`result/${ann}`)).toBe("HI, ANN!");
    await second.ask("resume/greet-bob", { greeting: "" });
    expect(await second.ask(`result/${bob}`)).toContain("There is no greeting");
    await second.ask("resume/greet-cat", { greeting: "Boo" });
    expect(await second.ask(`result/${cat}`)).toContain("Too loud");
    expect(second.child.stderr).toMatch(/Error: There is no greeting\n\s+at greet \(src\/greet\.ts:9:/);
    expect(second.child.stderr).toMatch(/Error: Too loud\n\s+at .*src\/steps\/rise\.ts:4:/);
  },
);

test("while somebody edits, the next attempt has the step as it is, a run keeps its workflow, and a new run has the new one", async () => {
  const app = project();
  const edit = (file: string, from: string, to: string): void => {
    const path = join(app, "src", file);
    const before = readFileSync(path, "utf8");
    expect(before).toContain(from);
    writeFileSync(path, before.replace(from, to));
  };
  await using server = await serve(app, [DEVELOP]);
  const runOf = (name: string): Promise<string> => server.ask(`start/${name}`);
  const [ann, bob] = [await runOf("ann"), await runOf("bob")];
  await server.child.line(/^waiting for bob$/);
  edit("steps/rise.ts", "`${text.toUpperCase()}!`", "`${text.toUpperCase()}?`");
  edit("greet.ts", "rise(join(greeting, name))", "rise(join(name, greeting))");
  edit("parts.ts", `join(", ")`, `join(" and ")`);
  await expect.poll(async () => await resultOf(server, await runOf("dan")), { timeout: 10_000 }).toBe("DAN AND HELLO?");
  await server.ask("resume/greet-ann", { greeting: "Hi" });
  expect(await resultOf(server, ann)).toBe("HI, ANN?");

  // What cannot be read changes nothing, and is said.
  edit("steps/rise.ts", "return", "return (");
  await expect.poll(() => server.child.stderr).toMatch(/src\/steps\/rise\.ts:\d+/);
  await server.ask("resume/greet-bob", { greeting: "Hi" });
  expect(await resultOf(server, bob)).toBe("HI, BOB?");
  edit("steps/rise.ts", "return (", "return");
  edit("steps/rise.ts", "?`", ".`");
  await expect.poll(async () => await resultOf(server, await runOf("dan")), { timeout: 10_000 }).toBe("DAN AND HELLO.");
});

function resultOf(server: Server, runId: string): Promise<string> {
  return server.ask(`result/${runId}`);
}
