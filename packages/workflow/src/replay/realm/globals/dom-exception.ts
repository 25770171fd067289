const CODES: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

/** Codes that the standard keeps only as constants. */
const RETIRED: Readonly<Record<string, number>> = {
  DOMSTRING_SIZE_ERR: 2,
  NO_DATA_ALLOWED_ERR: 6,
  VALIDATION_ERR: 16,
};

/** The web's `DOMException`. `name` decides the legacy `code`; 0 for names that have none. */
export class DOMException extends Error {
  readonly #name: string;
  readonly #message: string;

  constructor(message: unknown = "", options: unknown = "Error") {
    super();
    this.#message = String(message);
    const named = typeof options === "object" && options !== null ? options : { name: options };
    const name: unknown = Reflect.get(named, "name");
    this.#name = name === undefined ? "Error" : String(name);
    if ("cause" in named) {
      Object.defineProperty(this, "cause", {
        value: named.cause,
        writable: true,
        configurable: true,
        enumerable: false,
      });
    }
    Error.captureStackTrace(this, new.target);
  }

  override get name(): string {
    return #name in this ? this.#name : "Error";
  }

  override get message(): string {
    return #message in this ? this.#message : "";
  }

  get code(): number {
    return Object.hasOwn(CODES, this.name) ? CODES[this.name]! : 0;
  }

  get [Symbol.toStringTag](): string {
    return "DOMException";
  }
}

for (const [name, code] of [...Object.entries(CODES), ...Object.entries(RETIRED)]) {
  const constant = name in RETIRED ? name : constantName(name);
  for (const owner of [DOMException, DOMException.prototype]) {
    Object.defineProperty(owner, constant, { value: code, enumerable: true });
  }
}

/** `NotFoundError` to `NOT_FOUND_ERR`, with the standard's exceptions. */
function constantName(name: string): string {
  const words = name.replace(/Error$/, "").replace(/^InUse/, "Inuse");
  return `${words.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=URL)(?=M)/g, "_").toUpperCase()}_ERR`;
}
