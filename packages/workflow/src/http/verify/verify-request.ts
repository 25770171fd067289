import type { Verification } from "../../world/events.ts";
import { verifyGithub } from "./github.ts";
import { verifyHmac } from "./hmac.ts";
import { verifySlack } from "./slack.ts";
import { verifyStandardWebhooks } from "./standard-webhooks.ts";
import { verifyStripe } from "./stripe.ts";
import { refused, type Attempt, type SignedRequest, type Verdict } from "./verdict.ts";

/** What a check needs to know beside the request. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The value of an environment variable. */
  secretOf(name: string): string | undefined;
}

/**
 * Whether a request comes from who has the webhook's secret, by the raw bytes of its body and in a time that tells
 * nothing about the signature. Throws nothing, whatever is in the headers. A variable has one secret, as with the
 * libraries of all these senders: a comma or a space may be part of it.
 */
export function verifyRequest(
  verification: Verification,
  request: SignedRequest,
  { now, secretOf }: Surroundings,
): Verdict {
  const secret = secretOf(verification.secret);
  if (secret === undefined || secret === "") {
    return refused(`the environment variable ${verification.secret} is not set in this process; it has the secret`);
  }
  return verifySigned(verification, { headers: request.headers, body: request.body, secret, now });
}

function verifySigned(verification: Verification, attempt: Attempt): Verdict {
  switch (verification.scheme) {
    case "standard-webhooks":
      return verifyStandardWebhooks(verification, attempt);
    case "stripe":
      return verifyStripe(verification, attempt);
    case "slack":
      return verifySlack(verification, attempt);
    case "github":
      return verifyGithub(verification, attempt);
    case "hmac":
      return verifyHmac(verification, attempt);
  }
}
