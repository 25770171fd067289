export type DirectiveKind = "step" | "workflow";

export type Spelling =
  | { readonly type: "directive"; readonly kind: DirectiveKind }
  | { readonly type: "misspelt"; readonly kind: DirectiveKind }
  | { readonly type: "other" };

const KINDS: readonly DirectiveKind[] = ["step", "workflow"];
/** Directives of the language and of other tools that are spelt nearly like ours. */
const FOREIGN = new Set(["use strict", "use server", "use client", "use cache", "use memo", "use asm"]);

/** What a string in the place of a directive is, or was probably meant to be. */
export function readDirective(text: string): Spelling {
  const exact = KINDS.find((kind) => text === `use ${kind}`);
  if (exact !== undefined) return { type: "directive", kind: exact };
  if (text.length > 24 || FOREIGN.has(text)) return { type: "other" };
  const plain = text
    .toLowerCase()
    .replaceAll(/[\s_;-]+/g, " ")
    .trim();
  const meant = KINDS.find(
    (kind) => /^(?:uses?|us|ues|sue) ?[sw][a-z]{2,10}$/.test(plain) && distance(plain, `use ${kind}`) <= 2,
  );
  return meant === undefined ? { type: "other" } : { type: "misspelt", kind: meant };
}

/** Insertions, deletions and substitutions that lead from one text to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
