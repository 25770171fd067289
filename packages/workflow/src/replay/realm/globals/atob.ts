import { decodeBase64, encodeBase64 } from "./base64.ts";
import { DOMException } from "./dom-exception.ts";
import { fromCodeUnits } from "./latin1.ts";

/** @throws DOMException `InvalidCharacterError` when the text is not base64 */
export function atob(data: string): string {
  requireArgument(arguments.length, "atob");
  const text = String(data).replaceAll(/[\t\n\f\r ]+/g, "");
  // Unlike the language's methods, the web's takes any padding only where it fills a group of four.
  const padded = text.length % 4 === 0 || !text.includes("=");
  const decoded = padded ? decodeBase64(text, "base64", "loose") : undefined;
  if (decoded === undefined || decoded.problem !== undefined) throw invalid();
  return fromCodeUnits(decoded.bytes);
}

/** @throws DOMException `InvalidCharacterError` when a character is above U+00FF */
export function btoa(data: string): string {
  requireArgument(arguments.length, "btoa");
  const text = String(data);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 255) throw invalid();
    bytes[index] = code;
  }
  return encodeBase64(bytes, "base64", true);
}

function requireArgument(given: number, name: string): void {
  if (given === 0) throw new TypeError(`${name}: the "data" argument must be specified`);
}

function invalid(): DOMException {
  return new DOMException("Invalid character", "InvalidCharacterError");
}
