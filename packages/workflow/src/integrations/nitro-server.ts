import { isVersion2, type Nitro } from "./nitro-shape.ts";

const SERVER_PLUGIN = "#workflow/server-plugin";

const REQUEST_HANDLER = "#workflow/request-handler";

/** Has the built server find its steps and execute runs from its start on, and answer webhooks. */
export function addToServer(nitro: Nitro): void {
  const { virtual, plugins, handlers } = nitro.options;
  // Both the module of Nitro and the plugin of Vite may be there.
  if (handlers.some(({ handler }) => handler === REQUEST_HANDLER)) return;
  virtual[SERVER_PLUGIN] = serverPlugin(nitro.options.dev);
  plugins.push(SERVER_PLUGIN);
  virtual[REQUEST_HANDLER] = isVersion2(nitro) ? HANDLER_TEXT_2 : HANDLER_TEXT_3;
  handlers.push({ route: "/.well-known/workflow/v1/**", handler: REQUEST_HANDLER });
}

/** The addresses of webhooks begin with that of the server, which executes runs in a thread or process of its own. */
export function tellPort(port: number | undefined): void {
  if (port !== undefined) process.env["WORKFLOW_LOCAL_BASE_URL"] ??= `http://localhost:${port}`;
}

/**
 * Nitro has a variable of its own for the port. A server that ends gives its runs back; after an edit, the next one does
 * not wait for steps that run.
 */
function serverPlugin(dev: boolean): string {
  return `import "workflow/server";
import { stopAppWorker } from "workflow/runtime";
export default ({ hooks }) => {
  const port = process.env.NITRO_PORT;
  if (port) process.env.WORKFLOW_LOCAL_BASE_URL ??= "http://localhost:" + port;
  hooks?.hook("close", () => ${dev ? "void " : ""}stopAppWorker());
};
`;
}

const HANDLER_TEXT_3 = `import { createWebhookHandler } from "workflow/http";
const handle = createWebhookHandler();
export default ({ req }) => handle(req);
`;

/** It has the requests of Node, and takes what was not answered when the handler ends for unknown. */
const HANDLER_TEXT_2 = `import { createWebhookHandler, toNodeListener } from "workflow/http";
const listen = toNodeListener(createWebhookHandler());
export default Object.assign(
  ({ node: { req, res } }) =>
    new Promise((resolve) => {
      res.once("close", resolve);
      listen(req, res);
    }),
  { __is_handler__: true },
);
`;
