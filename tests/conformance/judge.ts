import { sectionOf, type Chapter, type Statement } from "./statement.ts";
import type { Title } from "./titles.ts";

/** What is known about one statement. Nothing is "proven" by a tag that names only its section. */
export type Verdict =
  | { readonly status: "proven"; readonly titles: readonly Title[] }
  | { readonly status: "not applicable"; readonly reason: string }
  | { readonly status: "not proven" };

export interface Row {
  readonly statement: Statement;
  readonly verdict: Verdict;
}

export interface Judgement {
  readonly chapters: readonly { readonly chapter: Chapter; readonly rows: readonly Row[] }[];
  /** One line each; none means that the table is whole. */
  readonly problems: readonly string[];
}

/**
 * Holds the statements against the titles of the tests. A tag that names a section with several statements is allowed,
 * so that a test can say where it belongs before it is known what it proves; it proves none of them. So is one of a file
 * that has no chapter.
 */
export function judge(chapters: readonly Chapter[], titles: readonly Title[]): Judgement {
  const statements = chapters.flatMap((chapter) => chapter.statements);
  const proofs = Map.groupBy(
    titles.flatMap((title) => [...new Set(title.tags)].map((tag) => ({ tag, title }))),
    ({ tag }) => tag,
  );
  const titlesOf = (id: string): Title[] => (proofs.get(id) ?? []).map(({ title }) => title);
  return {
    chapters: chapters.map((chapter) => ({
      chapter,
      rows: chapter.statements.map((statement) => ({
        statement,
        verdict: verdictOf(statement, titlesOf(statement.id)),
      })),
    })),
    problems: [
      ...chapters.flatMap(problemsOfIds),
      ...statements.flatMap((statement) => problemsOf(statement, titlesOf(statement.id))),
      ...titles.flatMap((title) => problemsOfTags(title, chapters)),
    ],
  };
}

function verdictOf({ reason }: Statement, titles: readonly Title[]): Verdict {
  if (titles.length > 0) return { status: "proven", titles };
  return reason === undefined ? { status: "not proven" } : { status: "not applicable", reason };
}

function problemsOfIds({ file, statements }: Chapter): string[] {
  const seen = new Set<string>();
  return statements.flatMap(({ id }) => {
    const repeated = seen.has(id);
    seen.add(id);
    if (repeated) return [`${id} is the id of two statements`];
    return sectionOf(id)?.startsWith(`${file}-`) === true ? [] : [`${id} is not an id of file ${file}`];
  });
}

function problemsOf({ id, reason }: Statement, titles: readonly Title[]): string[] {
  const [first] = titles;
  if (first === undefined) return reason === undefined ? [`${id} has neither a test nor a reason`] : [];
  return reason === undefined ? [] : [`${id} has a reason and a test: ${first.file}:${first.line}`];
}

function problemsOfTags({ tags, file, line }: Title, chapters: readonly Chapter[]): string[] {
  return tags.flatMap((tag) => {
    const chapter = chapters.find((each) => tag.startsWith(`${each.file}-`));
    const isKnown = chapter?.statements.some(({ id }) => id === tag || sectionOf(id) === tag) ?? true;
    return isKnown ? [] : [`${file}:${line} names ${tag}, which is no statement`];
  });
}
