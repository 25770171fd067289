/**
 * `Date.parse` for a local time zone of UTC, on a machine that may have any other. The engine is only ever given
 * text whose zone is UTC: that a text names another zone is found out here, and its offset subtracted.
 */
const nativeParse = Date.parse;

const ISO = /^(?:\d{4}|[+-]\d{6})(?:-\d\d(?:-\d\d)?)?(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/**
 * The name of a zone, or a sign and an offset. A sign counts after the time of day or the name UTC; before it,
 * or right after a year, it separates the parts of a date.
 */
const ZONE =
  /(?<![a-z])(?:utc?|gmt|z|[ecmp][sd]t)(?![a-z])|(?:(?<=\d:.*)(?<=[^\d+-]|:\d{1,2}|\.\d+)|(?<=(?:utc?|gmt|z)\s*))([+-])(\d{1,2}?)(?::?(\d\d))?(?!\d)/gis;

const STANDARD_HOURS: Readonly<Record<string, number>> = { e: -5, c: -6, m: -7, p: -8 };
const MINUTE = 60_000;

/** Milliseconds since the epoch, NaN when `text` is no date. Text that names no time zone is read as UTC. */
export function parseDate(text: string): number {
  const iso = ISO.exec(text);
  if (iso !== null) return nativeParse(iso[1] !== undefined && iso[2] === undefined ? `${text}Z` : text);
  const bare = withoutComments(text);
  return nativeParse(`${bare} UTC`) - offsetIn(bare) * MINUTE;
}

/** In minutes. Of several zones the last counts, and words before the first number are not looked at. */
function offsetIn(text: string): number {
  const start = text.search(/\d/);
  const zone = start === -1 ? undefined : [...text.slice(start).matchAll(ZONE)].at(-1);
  if (zone === undefined) return 0;
  const [name, sign, hours, minutes] = zone;
  if (sign !== undefined) return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
  const standard = STANDARD_HOURS[name[0]!.toLowerCase()] ?? 0;
  return (standard + (/^.d/i.test(name) ? 1 : 0)) * 60;
}

/** Without the text in parentheses, which dates may carry; what is not closed reaches to the end. */
function withoutComments(text: string): string {
  let depth = 0;
  let kept = "";
  for (const char of text) {
    if (char === "(" && depth++ === 0) kept += "()";
    else if (depth === 0) kept += char;
    if (char === ")" && depth > 0) depth--;
  }
  return kept;
}
