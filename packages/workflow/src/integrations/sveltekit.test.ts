import { join } from "node:path";
import { build, type Plugin, type Rolldown } from "vite";
import { expect, test } from "vitest";
import { makeProject } from "../build/fixtures/project.ts";
import { workflowPlugin } from "./sveltekit.ts";

/** Of a SvelteKit, what a build of its server begins with. */
const SERVER = "node_modules/@sveltejs/kit/src/runtime/server";
const PROJECT = {
  [`${SERVER}/instance.js`]: `import { respond } from "./respond.js"; export const answer = respond;`,
  [`${SERVER}/respond.js`]: `export const respond = (request, state) => "page of " + request.url + " with " + state;`,
  "other.js": `export { respond as answer } from "./respond.js";`,
  "respond.js": `export const respond = () => "of the app";`,
};

const PACKAGE: Plugin = {
  name: "package",
  enforce: "pre",
  resolveId: (id) => (id.startsWith("workflow/") ? `\0${id}` : undefined),
  load(id) {
    if (id === "\0workflow/server") return `export const loaded = globalThis.loaded = "workflow/server";`;
    if (id !== "\0workflow/runtime") return undefined;
    return `export const withWebhooks = ({ fetch }) => ({ fetch: (...given) => "first, then " + fetch(...given) });`;
  },
};

type Answer = (request: { url: string }, state: string) => string;

async function answerOf(input: string, plugins: readonly Plugin[] = [PACKAGE, ...workflowPlugin()]): Promise<Answer> {
  const root = makeProject(PROJECT);
  const built = (await build({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [...plugins],
    build: { ssr: true, rolldownOptions: { input: join(root, input) }, write: false },
  })) as Rolldown.RolldownOutput;
  const { answer } = (await import(`data:text/javascript,${encodeURIComponent(built.output[0].code)}`)) as {
    answer: Answer;
  };
  return answer;
}

test("webhooks are answered before SvelteKit's own function, and its server imports the server's module", async () => {
  const answer = await answerOf(`${SERVER}/instance.js`);
  expect(answer({ url: "/a" }, "state")).toBe("first, then page of /a with state");
  expect((globalThis as { loaded?: string }).loaded).toBe("workflow/server");
});

test("a SvelteKit whose server cannot be extended fails the build", async () => {
  await expect(answerOf("other.js")).rejects.toThrow(/cannot be extended.*SvelteKit 2 or 3/s);
});

test("development leaves SvelteKit's modules as they are", () => {
  const applied = workflowPlugin().filter(({ name }) => name === "workflow:sveltekit");
  expect(applied.map(({ apply }) => apply)).toEqual(["build"]);
});
