import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { mayHaveClasses, mayHaveDirective, OF_INTEREST } from "./prefilter.ts";

test("whatever the compiler has something to say about passes the pre-filter", () => {
  const letters = "abcdefghijklmnopqrstuvwxyzUSW -_";
  for (const directive of ["use step", "use workflow"]) {
    for (let at = 0; at <= directive.length; at += 1) {
      const [before, after] = [directive.slice(0, at), directive.slice(at)];
      const edits = [...letters].flatMap((letter) => [before + letter + after, before + letter + after.slice(1)]);
      for (const text of [directive, before + after.slice(1), ...edits]) {
        const source = `export async function f() { "${text}"; }`;
        const { manifest, diagnostics } = compile({ source, file: "/app/m.ts", moduleSpecifier: "./m", mode: "host" });
        const matters = diagnostics.length + manifest.steps.length + manifest.workflows.length > 0;
        expect({ text, passes: passes(source) || !matters }).toEqual({ text, passes: true });
      }
    }
  }
});

/** With what bundlers look for before they ask. */
function passes(source: string): boolean {
  return mayHaveDirective(source) && OF_INTEREST.some((pattern) => pattern.test(source));
}

test("strings of other tools and of everyday code do not pass the pre-filter", () => {
  for (const text of ["use strict", "use server", "use client", "user", "use", "Use the stairs to go up"]) {
    expect({ text, passes: mayHaveDirective(`"${text}"`) }).toEqual({ text, passes: false });
  }
});

test.each([
  "export class A extends Error {}",
  "const A = class extends B {};",
  "class A<T extends { x: 1 }> extends B<T> {}",
  "class A { static [WRITE](a: A) {} }",
  "class A { public static async\n  *[WRITE]() {} }",
  "export default class\n// why\nextends B {}",
])("%s passes the pre-filter for classes", (source) => expect(mayHaveClasses(source)).toBe(true));

test("everyday code, and much text, does not pass the pre-filter for classes", () => {
  for (const source of ["class A { x = 1 }", "interface A extends B {}", "type A<T extends B> = T", "static x = [1]"]) {
    expect({ source, passes: mayHaveClasses(source) }).toEqual({ source, passes: false });
  }
  const begin = performance.now();
  mayHaveClasses("<p class='x'>".repeat(200_000));
  expect(performance.now() - begin).toBeLessThan(5_000);
});
