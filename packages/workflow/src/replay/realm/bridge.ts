/**
 * What the realm may ask of the host: pure, synchronous functions from text and numbers to text. They never
 * throw, because an error made by the host would be a host object in the realm. The prelude keeps them in
 * closures; workflow code cannot reach them.
 */
export interface Bridge {
  /** Hex digest of bytes given as latin1 text. `algorithm` as in WebCrypto (`SHA-256`); "" when unknown. */
  digest(algorithm: string, latin1: string): string;
  /** Hex SHA-256 of ASCII text. */
  hashText(ascii: string): string;
  /** JSON of the parts of a URL ({@link UrlParts}); "" when it is invalid. `base` "" means none. */
  parseUrl(url: string, base: string): string;
  /** The parts after one was assigned; an assignment that the URL standard ignores returns them unchanged. */
  assignUrl(href: string, part: string, value: string): string;
  /** `=` and the text, or `!` and why not. `label` as in TextDecoder; with no bytes it answers the encoding's name. */
  decodeText(label: string, fatal: number, ignoreBom: number, latin1: string): string;
  /** A line that workflow code printed. */
  log(level: string, text: string): void;
  /** 1 once the entry under way has used up its time. */
  isOverdue(): number;
  /** A stack trace with the user's files and lines in the place of the bundle's. */
  userStack(stack: string): string;
  /** JSON of the environment variables, as text to text. */
  env(): string;
}

export interface UrlParts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}
