import { sign as signForGithub, verify as verifyFromGithub } from "@octokit/webhooks-methods";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { bytes, github, receive, standardWebhooks, stripe, type Message } from "./fixtures/senders.ts";

/** These libraries look at the machine's clock or take Unix seconds. */
const NOW = Math.floor(Date.now() / 1000);

// They take bodies as text only, and refuse empty ones.
const body = fc.string({ unit: "binary", minLength: 1, maxLength: 100 });
const id = fc.string({ unit: fc.constantFrom(..."abcXYZ019_-"), minLength: 1, maxLength: 40 });

const accepts = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** Makes something else of a header's value. */
const edit = fc.constantFrom<(value: string) => string>(
  (value) => value,
  (value) => value.toUpperCase(),
  (value) => ` ${value} `,
  (value) => `${value},`,
  (value) => `${value}, ${value}`,
  (value) => `${value} ${value}`,
  (value) => value.slice(1),
  (value) => value.slice(0, -1),
  (value) => `${value}=`,
  (value) => value.replace("v1", "v2"),
  (value) => value.replace("=", "= "),
  (value) => value.replace("t=", "t=0"),
  (value) => `0${value}`,
  (value) => `${value}.5`,
  (value) => `v1,x ${value}`,
  (value) => `v1=x,${value}`,
);

function edited(message: Message, header: string, change: (value: string) => string): Message {
  const headers = { ...message.headers, [header]: change(message.headers[header]!) };
  return { headers: Object.fromEntries(new Headers(headers)), body: message.body };
}

test("standardwebhooks: what it signs is verified", () => {
  const library = new Webhook(standardWebhooks.secret);
  fc.assert(
    fc.property(id, body, fc.integer({ min: -300, max: 300 }), (messageId, text, offset) => {
      const headers = {
        "webhook-id": messageId,
        "webhook-timestamp": `${NOW + offset}`,
        "webhook-signature": library.sign(messageId, new Date((NOW + offset) * 1000), text),
      };
      expect(receive(standardWebhooks, { headers, body: bytes(text) }, NOW).status).toBe("verified");
    }),
  );
});

test("standardwebhooks: it takes what is verified", () => {
  const library = new Webhook(standardWebhooks.secret);
  const header = fc.constantFrom("webhook-id", "webhook-timestamp", "webhook-signature");
  fc.assert(
    fc.property(id, body, header, edit, (messageId, text, name, change) => {
      const message = edited(standardWebhooks.send(bytes(text), NOW, messageId), name, change);
      if (receive(standardWebhooks, message, NOW).status === "refused") return;
      expect(accepts(() => library.verify(text, { ...message.headers }, { jsonParse: false }))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("stripe: what it signs is verified", () => {
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 300 }), (text, age) => {
      const header = Stripe.webhooks.generateTestHeaderString({
        payload: text,
        secret: stripe.secret,
        timestamp: NOW - age,
      });
      const message = { headers: { "stripe-signature": header }, body: bytes(text) };
      expect(receive(stripe, message, NOW).status).toBe("verified");
    }),
  );
});

test("stripe: it takes what is verified", () => {
  fc.assert(
    fc.property(body, fc.integer({ min: -300, max: 310 }), edit, (text, age, change) => {
      const message = edited(stripe.send(bytes(text), NOW - age), "stripe-signature", change);
      if (receive(stripe, message, NOW).status === "refused") return;
      const header = message.headers["stripe-signature"]!;
      const { signature } = Stripe.webhooks;
      expect(accepts(() => signature!.verifyHeader(text, header, stripe.secret, 300, undefined, NOW * 1000))).toBe(
        true,
      );
    }),
    { numRuns: 500 },
  );
});

test("@octokit/webhooks-methods: what it signs is verified", async () => {
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const headers = { "x-hub-signature-256": await signForGithub(github.secret, text) };
      expect(receive(github, { headers, body: bytes(text) }, NOW).status).toBe("verified");
    }),
  );
});

test("@octokit/webhooks-methods: it takes what is verified", async () => {
  await fc.assert(
    fc.asyncProperty(body, edit, async (text, change) => {
      const message = edited(github.send(bytes(text), NOW), "x-hub-signature-256", change);
      if (receive(github, message, NOW).status === "refused") return;
      expect(await verifyFromGithub(github.secret, text, message.headers["x-hub-signature-256"]!)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
