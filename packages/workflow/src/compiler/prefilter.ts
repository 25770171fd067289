/**
 * A quoted "use s..." or "use w...", in any spelling that the compiler would report. What it lets through by
 * mistake costs a parse, nothing else; the directives that other tools own are left out because every file of
 * some projects starts with one.
 */
export const LIKELY_DIRECTIVE: RegExp =
  /["'][\s_;-]*(?:uses?|us|ues|sue)[\s_;-]*(?!(?:strict|server)\b)[sw][a-z]{2,10}[\s_;-]*["']/i;

/** A class that extends another, or a static member whose name is computed. Bounded, for texts full of "class". */
export const LIKELY_CLASS: RegExp = /\bclass\b[^{};]{0,300}?\bextends\b|\bstatic\b[\w\s*]{0,40}\[/;

/** Whether compiling the source could find directives or report anything. */
export function mayHaveDirective(source: string): boolean {
  return LIKELY_DIRECTIVE.test(source);
}

/** Whether compiling the source could find classes whose values can be stored. */
export function mayHaveClasses(source: string): boolean {
  return LIKELY_CLASS.test(source);
}
