/**
 * Shows control characters instead of sending them: stored text must not steer the terminal, nor break a line of a
 * table. Also those that make text run backwards.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return character === "\n" ? "\\n" : `\\u${code}`;
  });
}

/** The same for text of several lines. */
export function printableLines(text: string): string[] {
  return text.split("\n").map(printable);
}
