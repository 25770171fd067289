import { describe, expect, test } from "vitest";
import { judge, type Judgement } from "./judge.ts";
import { render } from "./render.ts";
import type { Chapter, Statement } from "./statement.ts";
import { CHAPTERS } from "./statements.ts";
import { titlesIn, type Title } from "./titles.ts";

/** As tests of this file must not be taken for proofs themselves. */
const tagged = (text: string, ...ids: string[]): string => [text, ...ids.map((id) => `[${id}]`)].join(" ");

describe("titles", () => {
  test("of tests and groups are found, however they are written; their tags are taken off", () => {
    const source = `
      describe("${tagged("a group", "01-1.5")}", () => {
        test("${tagged("a test", "01-1.5.racing", "06-A.6")}", () => {});
        it.skipIf(true)('${tagged("skipped", "01-1.6")}', () => {});
        test.each([[1]])(\`${tagged("value %s", "07-7.18.3")}\`, () => {});
        test.each\`a\${1}\`("${tagged("of a table", "02-2.9.1")}", () => {});
      });
      check("${tagged("of the kit", "07-7.15.terminal")}", async () => {});
      describeEngine(\`on \${world} ${tagged("too", "03-3.2.fatal")}\`, () => {});
    `;
    expect(titlesIn(source, "a.test.ts").map(({ line, title, tags }) => [line, title, tags])).toEqual([
      [2, "a group", ["01-1.5"]],
      [3, "a test", ["01-1.5.racing", "06-A.6"]],
      [4, "skipped", ["01-1.6"]],
      [5, "value %s", ["07-7.18.3"]],
      [6, "of a table", ["02-2.9.1"]],
      [8, "of the kit", ["07-7.15.terminal"]],
      [9, "on ... too", ["03-3.2.fatal"]],
    ]);
  });

  test("are not what other calls are given, nor what is computed", () => {
    expect(titlesIn(`log("${tagged("x", "01-1.5")}"); test(name, f); attest("x");`, "a.ts")).toEqual([]);
  });

  test("keep brackets that are no tags", () => {
    expect(titlesIn(`test("of [a, b] and [1]", f);`, "a.ts")).toMatchObject([{ title: "of [a, b] and [1]", tags: [] }]);
  });

  test("a file that does not parse is not passed over", () => {
    expect(() => titlesIn("test(", "broken.test.ts")).toThrow("broken.test.ts");
  });
});

function chapterOf(...statements: Omit<Statement, "statement">[]): Chapter {
  return { file: "01", title: "made up", statements: statements.map((one) => ({ ...one, statement: "it works" })) };
}

function titleWith(...tags: string[]): Title {
  return { file: "a.test.ts", line: 7, title: "shows it", tags };
}

function judged(chapter: Chapter, ...titles: Title[]): Judgement {
  return judge([chapter], titles);
}

describe("the judgement", () => {
  test("a statement is proven by the tests that name it", () => {
    const { chapters, problems } = judged(chapterOf({ id: "01-1.5.a" }), titleWith("01-1.5.a", "01-1.5.a"));
    expect(problems).toEqual([]);
    expect(chapters[0]?.rows[0]?.verdict).toEqual({ status: "proven", titles: [expect.objectContaining({ line: 7 })] });
  });

  test("a statement has a test or a reason, and not both", () => {
    const chapter = chapterOf({ id: "01-1.5.a" }, { id: "01-1.5.b", reason: "r" }, { id: "01-1.5.c", reason: "r" });
    const { chapters, problems } = judged(chapter, titleWith("01-1.5.c"));
    expect(problems).toEqual([
      "01-1.5.a has neither a test nor a reason",
      "01-1.5.c has a reason and a test: a.test.ts:7",
    ]);
    expect(chapters[0]?.rows.map(({ verdict }) => verdict.status)).toEqual(["not proven", "not applicable", "proven"]);
  });

  test("a tag that names a section proves none of its statements", () => {
    expect(judged(chapterOf({ id: "01-1.5.a" }), titleWith("01-1.5")).problems).toEqual([
      "01-1.5.a has neither a test nor a reason",
    ]);
  });

  test("it proves the statement that is the whole section", () => {
    expect(judged(chapterOf({ id: "01-1.5" }), titleWith("01-1.5")).problems).toEqual([]);
  });

  test.each(["01-1.6", "01-1.5.b", "01-nothing"])("a tag %s that names nothing is reported", (tag) => {
    const { problems } = judged(chapterOf({ id: "01-1.5.a", reason: "r" }), titleWith(tag));
    expect(problems).toEqual([`a.test.ts:7 names ${tag}, which is no statement`]);
  });

  test("a tag of a file that has no chapter is left alone", () => {
    expect(judged(chapterOf({ id: "01-1.5.a", reason: "r" }), titleWith("05-5.10")).problems).toEqual([]);
  });

  test("ids are of their file, and used once", () => {
    const chapter = chapterOf({ id: "02-1.5", reason: "r" }, { id: "1.5", reason: "r" }, { id: "01-A.1", reason: "r" });
    const { statements } = chapter;
    expect(judged({ ...chapter, statements: [...statements, ...statements.slice(2)] }).problems).toEqual([
      "02-1.5 is not an id of file 01",
      "1.5 is not an id of file 01",
      "01-A.1 is the id of two statements",
    ]);
  });
});

test("the page has a row for each statement, with its proof, reason or lack of both", () => {
  const chapter = chapterOf({ id: "01-1.5.a" }, { id: "01-1.5.b", reason: "a | b" }, { id: "01-1.5.c" });
  const page = render(judged(chapter, titleWith("01-1.5.a"), { ...titleWith("01-1.5.a"), file: "b.test.ts" }));
  expect(page).toContain("1 proven, 1 not applicable, 1 not proven.");
  expect(page.split("\n").filter((line) => line.startsWith("| 01"))).toEqual([
    "| 01-1.5.a | it works | `a.test.ts`: shows it<br>`b.test.ts`: shows it |",
    String.raw`| 01-1.5.b | it works | does not apply: a \| b |`,
    "| 01-1.5.c | it works | **not proven** |",
  ]);
});

test("the statements of the contract have ids that can be named", () => {
  expect(judge(CHAPTERS, []).problems.filter((problem) => !problem.endsWith("neither a test nor a reason"))).toEqual(
    [],
  );
});
