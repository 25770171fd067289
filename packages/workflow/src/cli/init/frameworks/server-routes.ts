import { type Dialect, importedExtension, indented, resumeLines, startLines } from "../starter.ts";

/** Express hands errors on in its fifth version only. */
export function expressRoutes(dialect: Dialect): string {
  return `import express${typeImport(dialect, "Router")} from "express";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
${helloImport(dialect)}

export const helloRoutes${dialect.type("Router")} = express.Router();
helloRoutes.use(express.json());

helloRoutes.post("/start", async (request, response, next) => {
  try {
    const { runId } = await start(hello, [request.body.name]);
    response.status(202).json({ runId });
  } catch (error) {
    next(error);
  }
});

helloRoutes.post("/resume", async (request, response, next) => {
  const { runId, text } = request.body;
  try {
    await resumeHook(\`hello:\${runId}\`, { text });
    response.json({ runId });
  } catch (error) {
    if (HookNotFoundError.is(error)) response.status(404).json({ error: error.message });
    else next(error);
  }
});
`;
}

export function fastifyRoutes(dialect: Dialect): string {
  const types = dialect.extension === "ts" ? 'import type { FastifyInstance } from "fastify";\n' : "";
  return `${types}import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
${helloImport(dialect)}

export async function helloRoutes(app${dialect.type("FastifyInstance")})${dialect.type("Promise<void>")} {
  app.post("/start", async (request, reply) => {
    const { name } = ${castBody(dialect, "{ name: string }")};
    const { runId } = await start(hello, [name]);
    return reply.code(202).send({ runId });
  });

  app.post("/resume", async (request, reply) => {
    const { runId, text } = ${castBody(dialect, "{ runId: string; text: string }")};
    try {
      await resumeHook(\`hello:\${runId}\`, { text });
      return { runId };
    } catch (error) {
      if (!HookNotFoundError.is(error)) throw error;
      return reply.code(404).send({ error: error.message });
    }
  });
}
`;
}

export function honoRoutes(dialect: Dialect): string {
  const route = (name: string, lines: readonly string[]): string =>
    `helloRoutes.post("/${name}", async (context) => {\n${indented(lines, 2)}\n});\n`;
  return `import { Hono } from "hono";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
${helloImport(dialect)}

export const helloRoutes = new Hono();

${route("start", startLines(dialect, "context.req.json()"))}
${route("resume", resumeLines(dialect, "context.req.json()"))}`;
}

function helloImport(dialect: Dialect): string {
  return `import { hello } from "../workflows/hello${importedExtension(dialect)}";`;
}

function typeImport({ extension }: Dialect, name: string): string {
  return extension === "ts" ? `, { type ${name} }` : "";
}

function castBody({ extension }: Dialect, type: string): string {
  return extension === "ts" ? `request.body as ${type}` : "request.body";
}
