/** A request as it came: its body is never decoded to check it. */
export interface SignedRequest {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A request and what its check goes by. */
export interface Attempt extends SignedRequest {
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is said about a secret whose signatures cover the time. As in `Verification`. */
export interface Timed {
  readonly secret: string;
  readonly tolerance?: number;
}

/** What a check comes to. */
export type Verdict =
  | {
      readonly status: "verified";
      /**
       * The same for the same signed message, however often and by whomever it is sent, and whatever else is in its
       * headers. 1 to 255 characters.
       */
      readonly replayKey: string;
    }
  | Refusal;

export interface Refusal {
  readonly status: "refused";
  /** For the log of whoever runs the server. Has neither the secret nor a signature in it. */
  readonly reason: string;
}

export function refused(reason: string): Refusal {
  return { status: "refused", reason };
}

export function refusedWithout(header: string): Refusal {
  return refused(`there is no ${header} header`);
}

/** Signatures were there, and none is right. `variable` is the name of the secret's environment variable. */
export function refusedAsForged(variable: string): Refusal {
  return refused(
    `no signature matches. Is ${variable} the secret that this sender signs with, without white space around it? ` +
      "Does the body come here as it was sent?",
  );
}
