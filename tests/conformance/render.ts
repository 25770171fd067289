import type { Judgement, Row, Verdict } from "./judge.ts";

const HEAD = `# Conformance

What a program may rely on, statement by statement, with the test that proves it or the reason why it does not apply
here. A test proves a statement by having its id in square brackets in its title. \`npm run conformance\` writes this
page from \`tests/conformance/statements\` and the titles of all tests; \`npm run check\` fails when it is out of date.
`;

export function render({ chapters }: Judgement): string {
  return [HEAD, ...chapters.map(({ chapter, rows }) => section(`${chapter.file}: ${chapter.title}`, rows))].join("\n");
}

function section(title: string, rows: readonly Row[]): string {
  const count = (status: Verdict["status"]): number => rows.filter(({ verdict }) => verdict.status === status).length;
  const summary = `${count("proven")} proven, ${count("not applicable")} not applicable, ${count("not proven")} not proven.`;
  const lines = rows.map(({ statement, verdict }) => {
    return `| ${statement.id} | ${cell(statement.statement)} | ${proof(verdict)} |`;
  });
  return `## ${title}\n\n${summary}\n\n| id | statement | proof |\n| --- | --- | --- |\n${lines.join("\n")}\n`;
}

function proof(verdict: Verdict): string {
  switch (verdict.status) {
    case "proven":
      return verdict.titles.map(({ file, title }) => `\`${file}\`: ${cell(title)}`).join("<br>");
    case "not applicable":
      return `does not apply: ${cell(verdict.reason)}`;
    case "not proven":
      return "**not proven**";
  }
}

function cell(text: string): string {
  return text.replaceAll(/[|<]/g, String.raw`\$&`).replaceAll(/\s+/g, " ");
}
