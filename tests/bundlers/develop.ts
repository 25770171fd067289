// Vite's development server of the app in the working directory, and the app's answers from it: node develop.ts
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Plugin } from "vite";
import { workflow } from "workflow/vite";

const app: Plugin = {
  name: "app",
  configureServer(server) {
    const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { answer } = await server.ssrLoadModule("/src/answer.ts");
      response.end(await (answer as (request: IncomingMessage) => Promise<string>)(request));
    };
    server.middlewares.use((request, response, next) => {
      if (request.url?.startsWith("/.well-known/")) next();
      else void respond(request, response);
    });
  },
};

const server = await createServer({
  configFile: false,
  appType: "custom",
  plugins: [workflow(), app],
  server: { host: "127.0.0.1", port: 0 },
});
await server.listen();
console.log(`listening on ${JSON.stringify(server.httpServer?.address())}`);
