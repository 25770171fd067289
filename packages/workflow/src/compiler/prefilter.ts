/**
 * A quoted "use s..." or "use w...", in any spelling that the compiler would report. What it lets through by
 * mistake costs a parse, nothing else; the directives that other tools own are left out because every file of
 * some projects starts with one.
 */
const LIKELY = /["'][\s_;-]*(?:uses?|us|ues|sue)[\s_;-]*(?!(?:strict|server)\b)[sw][a-z]{2,10}[\s_;-]*["']/i;

/** Whether compiling the source could change it or report anything. */
export function mayHaveDirective(source: string): boolean {
  return LIKELY.test(source);
}
