import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, customHmac, plainHmac, receive, senders, standardWebhooks, type Message } from "./fixtures/senders.ts";
import { verifyRequest } from "./verify-request.ts";

const NOW = 1_800_000_000;

const body = fc.uint8Array({ maxLength: 200 });

/** Undefined where the header would have a character that HTTP does not let through. */
function withFlippedBit(message: Message, header: string, bit: number): Message | undefined {
  const value = Buffer.from(message.headers[header]!, "latin1");
  const at = Math.floor(bit / 8) % value.length;
  value[at]! ^= 1 << (bit % 8);
  const headers = { ...message.headers, [header]: value.toString("latin1") };
  try {
    return new Headers(headers).get(header) === headers[header] ? { ...message, headers } : undefined;
  } catch {
    return undefined;
  }
}

describe.each(senders)("%s", (_name, sender) => {
  test("takes any bytes, signed in time", () => {
    fc.assert(
      fc.property(body, (content) => {
        expect(receive(sender, sender.send(content, NOW), NOW).status).toBe("verified");
      }),
    );
  });

  test("refuses a body of which one bit is another", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (content, bit) => {
        const message = sender.send(content, NOW);
        const changed = Uint8Array.from(content);
        changed[Math.floor(bit / 8) % changed.length]! ^= 1 << (bit % 8);
        expect(receive(sender, { ...message, body: changed }, NOW).status).toBe("refused");
      }),
    );
  });

  test("refuses a body that was cut or has more", () => {
    fc.assert(
      fc.property(body, fc.uint8Array({ minLength: 1, maxLength: 5 }), (content, more) => {
        const longer = Uint8Array.from([...content, ...more]);
        const added = { ...sender.send(content, NOW), body: longer };
        const cut = { ...sender.send(longer, NOW), body: content };
        expect(receive(sender, added, NOW).status).toBe("refused");
        expect(receive(sender, cut, NOW).status).toBe("refused");
      }),
    );
  });

  test("refuses a signature or a time of which one bit is another", () => {
    const headers = [sender.signatureHeader, ...(sender.timeHeader === undefined ? [] : [sender.timeHeader])];
    fc.assert(
      fc.property(body, fc.constantFrom(...headers), fc.nat(10_000), (content, header, bit) => {
        const message = sender.send(content, NOW);
        const changed = withFlippedBit(message, header, bit);
        fc.pre(changed !== undefined);
        const inCapitals = sender === plainHmac && changed.headers[header]!.toLowerCase() === message.headers[header];
        fc.pre(!inCapitals);
        expect(receive(sender, changed, NOW).status).toBe("refused");
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what another secret signed", () => {
    const other = { ...sender, secret: "whsec_c29tZSBvdGhlciBzZWNyZXQ=" };
    expect(receive(other, sender.send(bytes("{}"), NOW), NOW)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("THE_SECRET"),
    });
  });

  test("refuses everything while its variable is not set, and says which one", () => {
    const { headers, body: content } = sender.send(bytes("{}"), NOW);
    for (const value of [undefined, ""]) {
      const verdict = verifyRequest(
        sender.verification,
        { headers: new Headers(headers), body: content },
        { now: NOW * 1000, secretOf: () => value },
      );
      expect(verdict).toMatchObject({
        status: "refused",
        reason: expect.stringContaining("THE_SECRET is not set"),
      });
    }
  });

  test("refuses a request without one of its headers, and says which one", () => {
    const message = sender.send(bytes("{}"), NOW);
    for (const name of Object.keys(message.headers)) {
      const headers = Object.fromEntries(Object.entries(message.headers).filter(([key]) => key !== name));
      const verdict = receive(sender, { ...message, headers }, NOW);
      expect(verdict.status === "refused" && verdict.reason.toLowerCase()).toContain(`no ${name} header`);
    }
  });

  test("refuses whatever is in the headers, without throwing or repeating it", () => {
    const message = sender.send(bytes("{}"), NOW);
    const names = Object.keys(message.headers);
    const text = fc.oneof(
      fc.string({ minLength: 8, unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)) }),
      fc
        .array(fc.constantFrom("t=", "v1=", "v1,", "v0=", ",", "=", " ", "sha256=", "1800000001", "-", ".", "NaN", "a"))
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(fc.record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] }), (garbage) => {
        fc.pre(Object.keys(garbage).length > 0);
        const changed = Object.fromEntries(names.map((name) => [name, garbage[name] ?? message.headers[name]!]));
        const verdict = receive(sender, { ...message, headers: changed }, NOW);
        expect(verdict.status).toBe("refused");
        for (const value of Object.values(changed).filter(({ length }) => length >= 30)) {
          expect(verdict).not.toMatchObject({ reason: expect.stringContaining(value) });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("time", () => {
  const timed = senders.filter(([name]) => name !== "github" && name !== "hmac");

  test.each(timed)("%s has a tolerance on both sides", (_name, sender) => {
    const tolerance = sender === customHmac ? 30 : 300;
    const message = sender.send(bytes("{}"), NOW);
    expect(receive(sender, message, NOW + tolerance).status).toBe("verified");
    expect(receive(sender, message, NOW - tolerance).status).toBe("verified");
    expect(receive(sender, message, NOW + tolerance + 1)).toMatchObject({
      reason: expect.stringContaining(`${tolerance + 1} s ago`),
    });
    expect(receive(sender, message, NOW - tolerance - 1)).toMatchObject({
      reason: expect.stringContaining(`${tolerance + 1} s ahead`),
    });
  });

  test.each(["standard-webhooks", "stripe", "slack"] as const)("%s goes by the tolerance it is given", (scheme) => {
    const [, sender] = senders.find(([name]) => name === scheme)!;
    const strict = { ...sender, verification: { scheme, secret: sender.verification.secret, tolerance: 10 } };
    const message = strict.send(bytes("{}"), NOW);
    expect(receive(strict, message, NOW + 10).status).toBe("verified");
    expect(receive(strict, message, NOW + 11).status).toBe("refused");
  });

  test("a time that is written in another way is refused, even if it was signed", () => {
    for (const time of [`0${NOW}`, `${NOW}.0`, `+${NOW}`, "1.8e9", `-${NOW}`, ""]) {
      const message = standardWebhooks.send(bytes("{}"), time as unknown as number);
      expect(receive(standardWebhooks, message, NOW).status).toBe("refused");
    }
  });

  test("the reason has the age, and neither the signature nor the secret", () => {
    const verdict = receive(customHmac, customHmac.send(bytes("{}"), NOW), NOW + 99);
    expect(verdict).toEqual({
      status: "refused",
      reason: "it was signed 99 s ago, more than the 30 s of the tolerance",
    });
  });
});

test("a part of the body cannot be passed off as the id and the time", () => {
  const text = `${NOW}.and the rest`;
  const message = standardWebhooks.send(bytes(text), NOW);
  const shifted = { "webhook-id": `msg_1.${NOW}`, "webhook-timestamp": `${NOW}` };
  const forged = { headers: { ...message.headers, ...shifted }, body: bytes("and the rest") };
  expect(receive(standardWebhooks, message, NOW).status).toBe("verified");
  expect(receive(standardWebhooks, forged, NOW)).toMatchObject({ reason: expect.stringContaining("full stop") });
});
