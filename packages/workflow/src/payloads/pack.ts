import { createHash, createHmac } from "node:crypto";
import { SEALED } from "../world/decryption.ts";
import type { Payload } from "../world/events.ts";
import { decodeContent, damaged, encodeContent } from "./content.ts";
import { cut } from "./cut.ts";
import type { Keys } from "./keys.ts";
import { nonceOf, openBytes, sealBytes } from "./seal.ts";

/** A payload as a World stores it. */
export interface Packed {
  /** For the row of the payload. Begins with {@link PIECES} where it names pieces. */
  readonly text: string;
  /** What has to be stored beside the row, once for each name. Mostly nothing. */
  readonly pieces: readonly Piece[];
}

/** A part of payloads. Equal content under one key has one name. */
export interface Piece {
  readonly name: string;
  /** What to store under the name. Costs time: not to be called where the name is stored already. */
  encode(): Uint8Array;
}

/** The format of texts that name pieces: `{ pieces, between }` in JSON follows, and a text lies on either side of each piece. */
const PIECES = "blob";
/** What follows is the text itself, which looks like one of the other formats. */
const VERBATIM = "text";

interface Composition {
  readonly pieces: readonly string[];
  readonly between: readonly string[];
}

/** What is shorter stays in its row, in characters. Half of a page, and more than most values have. */
const LEAST_PIECE = 4_096;
/** A literal of that length is worth a piece of its own, in characters. */
const LEAST_LITERAL = 32_768;

const NOTHING: readonly Piece[] = [];

/** Whether a text that {@link pack} made names pieces. */
export function namesPieces(text: string): boolean {
  return text.startsWith(PIECES);
}

/** Makes a payload fit to be stored. The text must be well-formed. */
export function pack(payload: Payload, keys: Keys): Packed {
  if (payload.length < LEAST_PIECE) return { text: packWhole(payload, keys), pieces: NOTHING };
  const pieces: Piece[] = [];
  const between = [""];
  for (const part of cut(payload, LEAST_LITERAL)) {
    if (part.length < LEAST_PIECE) between[pieces.length] += part;
    else {
      pieces.push(pieceOf(part, keys));
      between.push("");
    }
  }
  const composition: Composition = {
    pieces: pieces.map(({ name }) => name),
    between: between.map((text) => packWhole(text, keys)),
  };
  return { text: PIECES + JSON.stringify(composition), pieces };
}

/** Text for a row, for Worlds that keep payloads whole: {@link unpack} reads it. The text must be well-formed. */
export function packWhole(text: string, { writing }: Keys): string {
  if (writing === undefined || text === "") return hasFormat(text) ? VERBATIM + text : text;
  const sealed = Buffer.from(sealBytes(encodeContent(Buffer.from(text)), writing));
  return SEALED + sealed.toString("base64", SEALED.length);
}

function pieceOf(text: string, { writing }: Keys): Piece {
  const utf8 = Buffer.from(text);
  if (writing === undefined) {
    return { name: createHash("sha256").update(utf8).digest("base64url"), encode: () => encodeContent(utf8) };
  }
  return {
    name: createHmac("sha256", writing.naming).update(utf8).digest("base64url"),
    encode() {
      const content = encodeContent(utf8);
      return sealBytes(content, writing, nonceOf(content, writing));
    },
  };
}

/**
 * The payload that was packed.
 * @throws `RuntimeDecryptionError` when it cannot be decrypted, `WorkflowWorldError` `WORLD_FAILED` when it is damaged;
 *   what `read` throws passes through.
 */
export function unpack(stored: string, keys: Keys, read: (name: string) => Uint8Array): Payload {
  if (!hasFormat(stored)) return stored;
  if (!namesPieces(stored)) return unpackText(stored, keys);
  const { pieces, between } = compositionIn(stored);
  let payload = unpackText(between[0] ?? "", keys);
  for (const [index, name] of pieces.entries()) {
    payload += unpackBytes(read(name), keys) + unpackText(between[index + 1] ?? "", keys);
  }
  return payload;
}

function compositionIn(stored: string): Composition {
  try {
    return JSON.parse(stored.slice(PIECES.length)) as Composition;
  } catch (cause) {
    throw damaged("its pieces are not named as they should be", { cause });
  }
}

function unpackText(stored: string, keys: Keys): string {
  if (stored.startsWith(VERBATIM)) return stored.slice(VERBATIM.length);
  if (!stored.startsWith(SEALED)) return stored;
  return unpackBytes(Buffer.concat([Buffer.from(SEALED), Buffer.from(stored.slice(SEALED.length), "base64")]), keys);
}

function unpackBytes(bytes: Uint8Array, keys: Keys): string {
  const isEncrypted = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", 0, 4) === SEALED;
  return decodeContent(isEncrypted ? openBytes(bytes, keys) : bytes);
}

function hasFormat(text: string): boolean {
  return text.startsWith(PIECES) || text.startsWith(SEALED) || text.startsWith(VERBATIM);
}
