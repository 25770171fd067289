import type { Class, Decorator, ObjectExpression } from "oxc-parser";
import { walk } from "../../../compiler/ast.ts";
import { editFile } from "../edit-file.ts";
import { type Edit, type Framework, PARTS } from "../plan.ts";
import type { Project } from "../project.ts";
import { scriptsEdit } from "../scripts.ts";
import { addImport } from "../source/imports.ts";
import { addToProperty, type Obstacle } from "../source/lists.ts";
import type { Source } from "../source/source.ts";
import { type Addition, dialectOf, helloWorkflow, starterOf } from "../starter.ts";

const ROOT_MODULE = "src/app.module.ts";

export const nest: Framework = {
  name: "nest",
  title: "NestJS",
  packages: ["@nestjs/core"],
  contains: PARTS,
  plan(project) {
    // A CommonJS project imports without extensions; Node does not in an ES module.
    const extension = project.manifest.type === "module" ? ".js" : "";
    const starter = starterOf(project, [helloWorkflow("src/workflows", dialectOf(project)), controller(extension)]);
    return {
      edits: [
        moduleEdit(project, starter.status === "wanted" ? `./hello.controller${extension}` : undefined),
        ...(hasPlugin(project) ? [] : [scriptsEdit(project)]),
      ],
      starter,
      notes: [],
      address: "http://localhost:3000/api/hello",
      start: "npm run start:dev",
    };
  },
};

/** Whether the build makes workflows known. Otherwise Node has to, when it starts what was built. */
function hasPlugin({ read }: Project): boolean {
  const configs = ["rspack.config.js", "webpack.config.js"];
  return configs.some((path) => /workflow\/(?:rspack|webpack)/.test(read(path) ?? ""));
}

/** `from`: where the controller of the first workflow is, if there is one. */
function moduleEdit(project: Project, from: string | undefined): Edit {
  const byHand = [
    'import { WorkflowModule } from "workflow/nest";',
    ...(from === undefined ? [] : [`import { HelloController } from "${from}";`]),
    "imports: [WorkflowModule.forRoot(), ...]",
    ...(from === undefined ? [] : ["controllers: [HelloController, ...]"]),
  ].join("\n");
  return editFile(project, ROOT_MODULE, {
    sign: "workflow/nest",
    edit: (source) => editModule(source, from),
    byHand,
  });
}

function editModule(source: Source, from: string | undefined): Obstacle {
  const options = rootOptions(source);
  if (options === undefined) return "it has no class AppModule with an object in its @Module(...)";
  const edits: [string, string][] = [["imports", "WorkflowModule.forRoot()"]];
  if (from !== undefined) edits.push(["controllers", "HelloController"]);
  for (const [list, item] of edits) {
    const obstacle = addToProperty(source, options, list, item);
    if (obstacle !== undefined) return obstacle;
  }
  addImport(source, { names: "{ WorkflowModule }", from: "workflow/nest" });
  if (from !== undefined) addImport(source, { names: "{ HelloController }", from });
  return undefined;
}

function rootOptions({ program }: Source): ObjectExpression | undefined {
  let options: ObjectExpression | undefined;
  walk(program, (node) => {
    if (node.type === "ClassDeclaration" && node.id?.name === "AppModule") options = moduleOptions(node);
  });
  return options;
}

function moduleOptions({ decorators }: Class): ObjectExpression | undefined {
  const [argument] = decorators.map(argumentOfModule).filter((found) => found !== undefined);
  return argument;
}

function argumentOfModule({ expression }: Decorator): ObjectExpression | undefined {
  if (expression.type !== "CallExpression" || expression.callee.type !== "Identifier") return undefined;
  const [argument] = expression.arguments;
  return expression.callee.name === "Module" && argument?.type === "ObjectExpression" ? argument : undefined;
}

function controller(extension: string): Addition {
  const text = `import { Body, Controller, HttpCode, NotFoundException, Post } from "@nestjs/common";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { hello } from "./workflows/hello${extension}";

@Controller("api/hello")
export class HelloController {
  @Post("start")
  @HttpCode(202)
  async start(@Body("name") name: string): Promise<{ runId: string }> {
    const { runId } = await start(hello, [name]);
    return { runId };
  }

  @Post("resume")
  @HttpCode(200)
  async resume(@Body("runId") runId: string, @Body("text") text: string): Promise<{ runId: string }> {
    try {
      await resumeHook(\`hello:\${runId}\`, { text });
    } catch (error) {
      if (HookNotFoundError.is(error)) throw new NotFoundException(error.message);
      throw error;
    }
    return { runId };
  }
}
`;
  return { path: "src/hello.controller.ts", text };
}
