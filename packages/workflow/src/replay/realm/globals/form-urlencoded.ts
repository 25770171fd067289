/** `application/x-www-form-urlencoded`, as the URL Standard parses and writes it. */
import { fromCodeUnits } from "./latin1.ts";
import { byteAt } from "./hex.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

export type Pair = [name: string, value: string];

export function parseForm(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? "" : part.slice(equals + 1);
    pairs.push([decode(name), decode(value)]);
  }
  return pairs;
}

export function writeForm(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (!/[%\ud800-\udfff]/.test(spaced)) return spaced;
  const bytes = encodeUtf8(spaced);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    let byte = bytes[index]!;
    if (byte === 0x25 && index + 2 < bytes.length) {
      const escaped = byteAt(fromCodeUnits([bytes[index + 1]!, bytes[index + 2]!]), 0);
      if (!Number.isNaN(escaped)) {
        byte = escaped;
        index += 2;
      }
    }
    bytes[length++] = byte;
  }
  return fromCodeUnits(decodeUtf8(bytes.subarray(0, length)));
}

function encode(text: string): string {
  if (/^[\w*.-]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (char === " ") encoded += "+";
    else if (/[\w*.-]/.test(char)) encoded += char;
    else encoded += `%${(byte + 256).toString(16).slice(1).toUpperCase()}`;
  }
  return encoded;
}
