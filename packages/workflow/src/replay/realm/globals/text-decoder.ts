import { bytesOf } from "./buffer-source.ts";
import { decodeText } from "./host.ts";
import { fromCodeUnits, toLatin1 } from "./latin1.ts";
import { Utf8Decoder } from "./utf8.ts";
import { decodeWindows1252 } from "./windows-1252.ts";

const BYTE_ORDER_MARK = 0xfeff;
const NO_BYTES = new Uint8Array(0);

/** UTF-8 and windows-1252 are decoded in the realm, other encodings by the host and only in one piece. */
export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  #utf8 = new Utf8Decoder();
  #started = false;

  constructor(label: unknown = "utf-8", options?: unknown) {
    this.#encoding = encodingOf(String(label));
    this.#fatal = flag(options, "fatal");
    this.#ignoreBom = flag(options, "ignoreBOM");
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  /** @throws TypeError for malformed input when `fatal`, and for `stream` with an encoding of the host's */
  decode(input?: unknown, options?: unknown): string {
    const bytes = input === undefined ? NO_BYTES : bytesOf(input);
    if (bytes === undefined) throw new TypeError("TextDecoder.decode: the input is no ArrayBuffer or view of one");
    const stream = flag(options, "stream");
    if (this.#encoding === "utf-8") return this.#decodeUtf8(bytes, stream);
    if (this.#encoding === "windows-1252") return fromCodeUnits(decodeWindows1252(bytes));
    if (stream) {
      throw new TypeError(`TextDecoder in workflow functions cannot stream ${this.#encoding}; decode it inside a step`);
    }
    return bytes.length === 0 ? "" : this.#decodeByHost(bytes);
  }

  #decodeUtf8(bytes: Uint8Array, stream: boolean): string {
    const units: number[] = [];
    const valid = this.#utf8.decode(bytes, this.#fatal, units) && (stream || this.#utf8.end(this.#fatal, units));
    if (!valid) {
      this.#restart();
      throw malformed(this.#encoding);
    }
    if (!this.#started && units.length > 0) {
      this.#started = true;
      if (units[0] === BYTE_ORDER_MARK && !this.#ignoreBom) units.shift();
    }
    if (!stream) this.#restart();
    return fromCodeUnits(units);
  }

  #restart(): void {
    this.#utf8 = new Utf8Decoder();
    this.#started = false;
  }

  #decodeByHost(bytes: Uint8Array): string {
    const answer = decodeText(this.#encoding, this.#fatal, this.#ignoreBom, toLatin1(bytes));
    if (answer[0] !== "=") throw malformed(this.#encoding);
    return answer.slice(1);
  }

  get [Symbol.toStringTag](): string {
    return "TextDecoder";
  }
}

function encodingOf(label: string): string {
  const answer = decodeText(label, false, false, "");
  if (answer[0] === "=") return answer.slice(1);
  throw Object.assign(new RangeError(`The "${label}" encoding is not supported`), {
    code: "ERR_ENCODING_NOT_SUPPORTED",
  });
}

function malformed(encoding: string): TypeError {
  return Object.assign(new TypeError(`The encoded data was not valid for encoding ${encoding}`), {
    code: "ERR_ENCODING_INVALID_ENCODED_DATA",
  });
}

function flag(options: unknown, name: string): boolean {
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function")
    throw new TypeError("The options must be an object");
  return Boolean(Reflect.get(options, name));
}
