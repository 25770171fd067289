import { afterEach, expect, test, vi } from "vitest";
import { nuxtModule } from "./nuxt.ts";

afterEach(() => vi.unstubAllEnvs());

function setUp(options: object) {
  const hooks = new Map<string, () => void>();
  const nuxt = {
    options: { dev: false, devServer: { port: 3000 }, nitro: { modules: ["./mine.ts"], preset: "node" }, ...options },
    hook: (name: string, on: () => void) => hooks.set(name, on),
  };
  nuxtModule(undefined, nuxt);
  return { ...nuxt, hooks };
}

test("Nitro has a module more, and keeps what it had", () => {
  const { nitro } = setUp({}).options;
  expect(nitro).toEqual({ preset: "node", modules: ["./mine.ts", expect.objectContaining({ name: "workflow" })] });
});

test("it says under which key its options are", async () => {
  expect(await nuxtModule.getMeta()).toEqual({ name: "workflow", configKey: "workflow" });
});

test("while somebody works on the app, webhooks have the port that was chosen by the time of the build", () => {
  vi.stubEnv("WORKFLOW_LOCAL_BASE_URL", undefined);
  const { options, hooks } = setUp({ dev: true });
  options.devServer.port = 4003;
  hooks.get("build:before")?.();
  expect(process.env["WORKFLOW_LOCAL_BASE_URL"]).toBe("http://localhost:4003");
  expect(setUp({}).hooks.size).toBe(0);
});
