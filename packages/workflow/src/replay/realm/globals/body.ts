/** What `Request` and `Response` have in common: a body whose bytes are all there, and that can be read once. */
import { BODY } from "../../../serialization/http-values.ts";
import { bytesOf } from "./buffer-source.ts";
import { decodeText } from "./host.ts";
import { toLatin1 } from "./latin1.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { encodeUtf8 } from "./utf8.ts";

const { parse } = JSON;

type Bytes = Uint8Array<ArrayBuffer>;

/** What an initial value means. */
export interface Content {
  readonly bytes: Bytes | null;
  /** The `content-type` where none is given. */
  readonly type?: string;
}

const NOTHING: Content = { bytes: null };

export function contentOf(init: unknown): Content {
  if (init === undefined || init === null) return NOTHING;
  const source = bytesOf(init);
  if (source !== undefined) return { bytes: new Uint8Array(source) };
  if (init instanceof URLSearchParams) {
    return { bytes: encodeUtf8(init.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (typeof init === "object" && Symbol.asyncIterator in init) {
    throw new TypeError("A body in workflow functions must be text or bytes; make bodies that stream inside a step");
  }
  return { bytes: encodeUtf8(`${init as string}`), type: "text/plain;charset=UTF-8" };
}

/** The bytes, read or not. */
export let bytesIn: (body: Body) => Bytes | null;
/** The bytes of a body that moves elsewhere; it counts as read then. */
export let takeBytes: (body: Body) => Bytes | null;

/** @throws TypeError when it was read */
export function bytesToClone(body: Body): Bytes | null {
  if (body.bodyUsed) throw new TypeError("clone: the body has already been read");
  return bytesIn(body);
}

export class Body {
  readonly #bytes: Bytes | null;
  #used = false;

  static {
    bytesIn = (body) => body.#bytes;
    takeBytes = (body) => body.#take();
  }

  constructor({ bytes }: Content) {
    this.#bytes = bytes;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  /** @throws Error unless there is no body: there are no streams here */
  get body(): null {
    if (this.#bytes === null) return null;
    throw this.#missing("body", "use text(), json(), arrayBuffer() or bytes()");
  }

  async text(): Promise<string> {
    return textOf(this.#take());
  }

  async json(): Promise<unknown> {
    return parse(textOf(this.#take()));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return copyOf(this.#take()).buffer;
  }

  async bytes(): Promise<Bytes> {
    return copyOf(this.#take());
  }

  async blob(): Promise<never> {
    throw this.#missing("blob()", "use bytes()");
  }

  async formData(): Promise<never> {
    throw this.#missing(
      "formData()",
      'give text() of a urlencoded form to new URLSearchParams(), and read other forms inside a "use step" function',
    );
  }

  #take(): Bytes | null {
    if (this.#used) throw new TypeError("Body is unusable: Body has already been read");
    this.#used = this.#bytes !== null;
    return this.#bytes;
  }

  #missing(member: string, instead: string): Error {
    const name = Object.prototype.toString.call(this).slice(8, -1);
    return new Error(`${name}.${member} is not available in workflow functions; ${instead}`);
  }
}

// What serialization asks for.
Object.defineProperty(Body.prototype, BODY, {
  get(this: Body) {
    return bytesIn(this);
  },
});

/** UTF-8 without its byte order mark. By the host, which is much faster for long texts. */
function textOf(bytes: Bytes | null): string {
  return bytes === null || bytes.length === 0 ? "" : decodeText("utf-8", false, false, toLatin1(bytes)).slice(1);
}

function copyOf(bytes: Bytes | null): Bytes {
  return bytes === null ? new Uint8Array(0) : new Uint8Array(bytes);
}
