import { describe, expect, test } from "vitest";
import {
  bytes,
  customHmac,
  github,
  plainHmac,
  receive,
  senders,
  slack,
  standardWebhooks,
  stripe,
  type Message,
  type Sender,
} from "./fixtures/senders.ts";

const NOW = 1_800_000_000;

function keyOf(sender: Sender, message: Message, time: number = NOW): string {
  const verdict = receive(sender, message, time);
  if (verdict.status === "refused") throw new Error(verdict.reason);
  return verdict.replayKey;
}

const withHeader = (message: Message, name: string, change: (value: string) => string): Message => ({
  ...message,
  headers: { ...message.headers, [name]: change(message.headers[name]!) },
});

describe("several signatures", () => {
  const body = bytes('{"id":"evt_1"}');

  test("one right signature is enough, wherever it stands", () => {
    const standard = standardWebhooks.send(body, NOW);
    const wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (const change of [
      (right: string) => `${wrong} ${right}`,
      (right: string) => `${right} ${wrong}`,
      (right: string) => `v1a,whatever v2 ${right} v1`,
    ]) {
      expect(receive(standardWebhooks, withHeader(standard, "webhook-signature", change), NOW).status).toBe("verified");
    }

    const message = stripe.send(body, NOW);
    for (const change of [
      (right: string) => right.replace("v1=", `v1=${"0".repeat(64)},v1=`),
      (right: string) => `${right},v1=${"0".repeat(64)}`,
      (right: string) => `v0=${"0".repeat(64)},${right},v2=`,
    ]) {
      expect(receive(stripe, withHeader(message, "stripe-signature", change), NOW).status).toBe("verified");
    }
  });

  test("a signature of another kind is none", () => {
    const standard = withHeader(standardWebhooks.send(body, NOW), "webhook-signature", (right) =>
      right.replace("v1,", "v1a,"),
    );
    expect(receive(standardWebhooks, standard, NOW).status).toBe("refused");
    const message = withHeader(stripe.send(body, NOW), "stripe-signature", (right) => right.replace("v1=", "v0="));
    expect(receive(stripe, message, NOW).status).toBe("refused");
  });

  test("two times are refused", () => {
    const message = withHeader(stripe.send(body, NOW), "stripe-signature", (right) => `t=1,${right}`);
    expect(receive(stripe, message, NOW)).toMatchObject({ reason: expect.stringContaining("one time") });
  });
});

describe("secrets", () => {
  test("Standard Webhooks: with or without whsec_, and base64 in any case", () => {
    const message = standardWebhooks.send(bytes("{}"), NOW);
    const bare = standardWebhooks.secret.slice("whsec_".length);
    expect(receive({ ...standardWebhooks, secret: bare }, message, NOW).status).toBe("verified");
    for (const secret of ["whsec_", "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `${bare}\n`, `${bare} ${bare}`, "päss"]) {
      const verdict = receive({ ...standardWebhooks, secret }, message, NOW);
      expect(verdict).toEqual({
        status: "refused",
        reason: 'THE_SECRET is not "whsec_" followed by base64',
      });
    }
  });

  test("commas and spaces are part of a secret, not between two", () => {
    const sender = { ...github, secret: "one, two" };
    expect(receive(sender, sender.send(bytes("{}"), NOW), NOW).status).toBe("verified");
    expect(receive(sender, github.send.call({ ...github, secret: "one" }, bytes("{}"), NOW), NOW).status).toBe(
      "refused",
    );
  });
});

describe("hmac", () => {
  test("hexadecimal digits may be in capitals", () => {
    const message = withHeader(plainHmac.send(bytes("{}"), NOW), "x-signature", (hex) => hex.toUpperCase());
    expect(keyOf(plainHmac, message)).toBe(keyOf(plainHmac, plainHmac.send(bytes("{}"), NOW)));
  });

  test("the prefix must be there", () => {
    const message = withHeader(customHmac.send(bytes("{}"), NOW), "x-custom-signature", (value) =>
      value.replace("sha512:", ""),
    );
    expect(receive(customHmac, message, NOW)).toMatchObject({ reason: expect.stringContaining('"sha512:"') });
  });

  test("without a time, a request has no age", () => {
    expect(receive(plainHmac, plainHmac.send(bytes("{}"), NOW), NOW * 2).status).toBe("verified");
  });
});

describe("replay keys", () => {
  test.each(senders)("%s: a replay has the same key, another message another", (_name, sender) => {
    const message = sender.send(bytes("one"), NOW, "msg_1");
    const replay = { headers: { ...message.headers, "x-github-delivery": "other" }, body: message.body };
    const [key, again, other] = [message, replay, sender.send(bytes("two"), NOW, "msg_2")].map((sent) =>
      keyOf(sender, sent),
    );
    expect(again).toBe(key);
    expect(other).not.toBe(key);
    expect(key).toMatch(new RegExp(`^${sender.verification.scheme}:(id|sha256):`));
    expect(key!.length).toBeLessThanOrEqual(255);
  });

  test("what anyone can change in a header does not change the key", () => {
    const message = stripe.send(bytes("no JSON"), NOW);
    const padded = withHeader(message, "stripe-signature", (value) => `x=1,${value},v1=garbage,v0=more`);
    expect(keyOf(stripe, padded)).toBe(keyOf(stripe, message));

    const plain = plainHmac.send(bytes("{}"), NOW);
    const capitals = withHeader(plain, "x-signature", (value) => value.toUpperCase());
    expect(keyOf(plainHmac, capitals)).toBe(keyOf(plainHmac, plain));
  });

  test("the key does not have the signature in it", () => {
    const message = github.send(bytes("{}"), NOW);
    const [, signature] = message.headers["x-hub-signature-256"]!.split("=");
    expect(keyOf(github, message)).not.toContain(signature);
  });

  test("Standard Webhooks: the id, whenever it is sent again", () => {
    const first = standardWebhooks.send(bytes("{}"), NOW, "msg_7");
    const repeat = standardWebhooks.send(bytes("{}"), NOW + 3600, "msg_7");
    expect(keyOf(standardWebhooks, first)).toBe("standard-webhooks:id:msg_7");
    expect(keyOf(standardWebhooks, repeat, NOW + 3600)).toBe("standard-webhooks:id:msg_7");
  });

  test.each([
    ["stripe", stripe, "id"],
    ["slack", slack, "event_id"],
  ])("%s: the id of the event, whenever it is sent again", (scheme, sender, field) => {
    const event = bytes(JSON.stringify({ [field]: "Ev1", text: "ü" }));
    expect(keyOf(sender, sender.send(event, NOW))).toBe(`${scheme}:id:Ev1`);
    expect(keyOf(sender, sender.send(event, NOW + 60), NOW + 60)).toBe(`${scheme}:id:Ev1`);
  });

  test.each([
    ["no JSON", "payload=%7B%7D"],
    ["no object", '"id"'],
    ["null", "null"],
    ["no id", '{"other":"evt_1"}'],
    ["an id that is a number", '{"id":1,"event_id":1}'],
    ["an empty id", '{"id":"","event_id":""}'],
    ["an id that is too long", JSON.stringify({ id: "x".repeat(201), event_id: "x".repeat(201) })],
    ["an id with a line break", '{"id":"a\\nb","event_id":"a\\nb"}'],
  ])("%s: the signature, which has another time in each attempt", (_what, text) => {
    for (const sender of [stripe, slack]) {
      const key = keyOf(sender, sender.send(bytes(text), NOW));
      expect(key).toMatch(/^(stripe|slack):sha256:[0-9a-f]{64}$/);
      expect(keyOf(sender, sender.send(bytes(text), NOW + 1))).not.toBe(key);
    }
  });

  test("a body that is not UTF-8 is taken as it is", () => {
    const body = Uint8Array.from([...bytes('{"id":"'), 0xff, ...bytes('"}')]);
    expect(keyOf(stripe, stripe.send(body, NOW))).toMatch(/^stripe:sha256:/);
  });

  test("Standard Webhooks: a long id is known by its signature", () => {
    const message = standardWebhooks.send(bytes("{}"), NOW, "m".repeat(1000));
    expect(keyOf(standardWebhooks, message)).toMatch(/^standard-webhooks:sha256:[0-9a-f]{64}$/);
  });
});
