/**
 * A quoted "use s..." or "use w...", in any spelling that the compiler would report. What it lets through by
 * mistake costs a parse, nothing else; the directives that other tools own are left out because every file of
 * some projects starts with one.
 */
const LIKELY = /["'][\s_;-]*(?:uses?|us|ues|sue)[\s_;-]*(?!(?:strict|server)\b)[sw][a-z]{2,10}[\s_;-]*["']/i;

/** A class that extends another, or a static member whose name is computed. Bounded, for texts full of "class". */
const CLASS = /\bclass\b[^{};]{0,300}?\bextends\b|\bstatic\b[\w\s*]{0,40}\[/;

/**
 * What compiling could find something in matches one of these at least. For bundlers that look before they ask: without
 * what makes other engines than this one slow.
 */
export const OF_INTEREST: readonly RegExp[] = [
  /["'][\s_;-]*(?:uses?|us|ues|sue)[\s_;-]*[sw][a-z]/i,
  /\bclass\b[^{};]*\bextends\b|\bstatic\b[\w\s*]*\[/,
];

/** Whether compiling the source could find directives or report anything. */
export function mayHaveDirective(source: string): boolean {
  return LIKELY.test(source);
}

/** Whether compiling the source could find classes whose values can be stored. */
export function mayHaveClasses(source: string): boolean {
  return CLASS.test(source);
}
