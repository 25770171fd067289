import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { mayHaveDirective } from "./prefilter.ts";

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
        expect({ text, passes: mayHaveDirective(source) || !matters }).toEqual({ text, passes: true });
      }
    }
  }
});

test("strings of other tools and of everyday code do not pass the pre-filter", () => {
  for (const text of ["use strict", "use server", "use client", "user", "use", "Use the stairs to go up"]) {
    expect({ text, passes: mayHaveDirective(`"${text}"`) }).toEqual({ text, passes: false });
  }
});
