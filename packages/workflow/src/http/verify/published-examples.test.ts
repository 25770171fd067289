import { expect, test } from "vitest";
import type { Verification } from "../../world/events.ts";
import { bytes } from "./fixtures/senders.ts";
import { verifyRequest } from "./verify-request.ts";

interface Example {
  readonly verification: Verification;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Unix seconds. */
  readonly time: number;
}

const SLACK_COMMAND =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
  "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
  "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
  "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

const RFC_TEXT = "what do ya want for nothing?";

function rfcExample(algorithm: "sha1" | "sha256" | "sha512", signature: string): Example {
  return {
    verification: { scheme: "hmac", secret: "SECRET", header: "x-signature", algorithm },
    secret: "Jefe",
    headers: { "x-signature": signature },
    body: RFC_TEXT,
    time: 0,
  };
}

const examples: readonly (readonly [from: string, example: Example])[] = [
  [
    "Standard Webhooks",
    {
      verification: { scheme: "standard-webhooks", secret: "SECRET" },
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      headers: {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      },
      body: '{"test": 2432232314}',
      time: 1_614_265_330,
    },
  ],
  [
    "GitHub",
    {
      verification: { scheme: "github", secret: "SECRET" },
      secret: "It's a Secret to Everybody",
      headers: {
        "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      },
      body: "Hello, World!",
      time: 0,
    },
  ],
  [
    "Slack",
    {
      verification: { scheme: "slack", secret: "SECRET" },
      secret: "8f742231b10e8888abcd99yyyzzz85a5",
      headers: {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      },
      body: SLACK_COMMAND,
      time: 1_531_420_618,
    },
  ],
  ["RFC 2202, test case 2", rfcExample("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")],
  [
    "RFC 4231, test case 2 with SHA-256",
    rfcExample("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
  ],
  [
    "RFC 4231, test case 2 with SHA-512",
    rfcExample(
      "sha512",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ),
  ],
];

test.each(examples)("what %s publishes as an example is verified", (_from, example) => {
  const verdict = verifyRequest(
    example.verification,
    { headers: new Headers(example.headers), body: bytes(example.body) },
    { now: example.time * 1000, secretOf: () => example.secret },
  );
  expect(verdict.status).toBe("verified");
});
