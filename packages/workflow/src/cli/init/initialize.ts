import type { Flags } from "../flags.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { changesOf, type Changes } from "./changes.ts";
import { detect } from "./detect.ts";
import { FRAMEWORKS, WITHOUT } from "./frameworks.ts";
import { gitState, type GitState } from "./git.ts";
import type { Framework, Plan } from "./plan.ts";
import { dependsOn, openProject, type Project } from "./project.ts";
import { showDiff } from "./show-diff.ts";
import { showEnd, showLeftOvers } from "./show-end.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * Makes the app in a folder durable, as far as its files say how. Whether nothing is left to do.
 * @throws `UsageError` when it cannot be said what to do, or when there is nobody to ask.
 */
export async function initialize(
  folder: string,
  { framework: named, yes }: Pick<Flags, "framework" | "yes">,
  terminal: Terminal,
): Promise<boolean> {
  const project = openProject(folder);
  const framework = await choose(project, named, terminal);
  const plan = framework.plan(project);
  const git = await gitState(folder);
  const outcome = changesOf(project, plan, git);
  const { changes, leftOvers } = outcome;
  if (changes.length === 0) {
    if (leftOvers.length === 0) terminal.print("Nothing to do: everything is there");
    showLeftOvers(leftOvers, terminal);
    return leftOvers.length === 0;
  }
  showDiff(changes, terminal);
  terminal.print("");
  showRemarks(project, plan, git, terminal);
  if (!yes && !(await agrees(outcome, terminal))) {
    terminal.print("Nothing was written");
    return false;
  }
  writeChanges(folder, project, changes);
  showEnd(plan, outcome, git, terminal);
  return leftOvers.length === 0;
}

async function choose(project: Project, named: string | undefined, terminal: Terminal): Promise<Framework> {
  const framework = named === undefined ? undefined : FRAMEWORKS.find(({ name }) => name === named);
  if (framework !== undefined) return framework;
  const all = FRAMEWORKS.map(({ name }) => name).join(", ");
  if (named !== undefined) throw new UsageError(`--framework is one of ${all}, not ${JSON.stringify(named)}`);

  const findings = detect(FRAMEWORKS, project);
  const [first] = findings;
  if (first === undefined) {
    terminal.print(`${WITHOUT.title}: nothing here says otherwise`);
    return WITHOUT;
  }
  if (findings.length === 1) {
    terminal.print(`${first.framework.title}: ${first.because}`);
    return first.framework;
  }
  const found = findings.map(({ framework: { title, name }, because }) => `${title} (${name}): ${because}`);
  const names = findings.map(({ framework: { name } }) => name);
  terminal.print(["More than one framework is found:", ...found].join("\n"));
  const answer = await terminal.ask(`Which one is it for? (${names.join(", ")}) `);
  const chosen = findings.find(({ framework: { name } }) => name === answer);
  if (chosen !== undefined) return chosen.framework;
  throw new UsageError(`Which one is it for? Add --framework ${names.join(" or --framework ")}`);
}

function showRemarks(project: Project, { starter }: Plan, git: GitState, terminal: Terminal): void {
  if (starter.status === "in-the-way") {
    terminal.print(`No first workflow is added: ${starter.path} is there already`);
  }
  if (!dependsOn(project.manifest, "workflow")) {
    terminal.print("package.json does not name workflow yet: install it in this folder");
  }
  if (git.status === "none") {
    terminal.print("This folder is in no git repository, so there is no git checkout to undo it");
  }
  if (git.status === "dirty") {
    terminal.print("Not everything here is committed. Commit first, if git checkout shall undo just this");
  }
}

async function agrees({ changes }: Changes, terminal: Terminal): Promise<boolean> {
  const files = changes.length === 1 ? "this file" : `these ${changes.length} files`;
  const answer = await terminal.ask(`Write ${files}? (y/N) `);
  if (answer === undefined) {
    throw new UsageError("Nothing was written: there is nobody to ask here. Add --yes to write what is shown");
  }
  return /^y(?:es)?$/i.test(answer);
}
