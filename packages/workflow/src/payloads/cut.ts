const QUOTE = '"';
const BACKSLASH = 0x5c;

/**
 * Cuts JSON at its long string literals: each is a piece without its quotes, and so is what lies between. The pieces
 * together are the text again, whatever the text is. A string or bytes in a value, wherever they stand in it and
 * whatever is around them, are the same piece.
 */
export function cut(text: string, leastLiteral: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let open = text.length < leastLiteral ? -1 : text.indexOf(QUOTE);
  while (open >= 0 && text.length - open > leastLiteral) {
    const close = closingQuote(text, open + 1);
    if (close < 0) break;
    if (close - open > leastLiteral) {
      pieces.push(text.slice(start, open + 1), text.slice(open + 1, close));
      start = close;
    }
    open = text.indexOf(QUOTE, close + 1);
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** A quote after an odd number of backslashes is part of the literal. */
function closingQuote(text: string, from: number): number {
  let close = text.indexOf(QUOTE, from);
  while (close >= 0 && isEscaped(text, close, from)) close = text.indexOf(QUOTE, close + 1);
  return close;
}

function isEscaped(text: string, at: number, from: number): boolean {
  let backslashes = 0;
  while (at - backslashes > from && text.charCodeAt(at - backslashes - 1) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
