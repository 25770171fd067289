import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RuntimeDecryptionError } from "../world/decryption.ts";
import { type Keys, readKeys } from "./keys.ts";
import { pack, unpack } from "./pack.ts";

const secrets = [1, 2, 3].map((n) => Buffer.alloc(32, n).toString("hex"));
const NONE = readKeys([]);
const ONE = readKeys(secrets.slice(0, 1));
const TWO = readKeys(secrets.slice(0, 2));
const SECOND = readKeys(secrets.slice(1, 2));
const KEYS = [
  ["without a key", NONE],
  ["encrypted", ONE],
] as const;

/** What a World does: pieces by name, and the text. */
class Shelf {
  readonly pieces = new Map<string, Uint8Array>();

  put(payload: string, keys: Keys): string {
    const { text, pieces } = pack(payload, keys);
    for (const { name, encode } of pieces) if (!this.pieces.has(name)) this.pieces.set(name, encode());
    return text;
  }

  get(text: string, keys: Keys): string {
    return unpack(text, keys, (name) => {
      const piece = this.pieces.get(name);
      if (piece === undefined) throw new Error(`There is no piece ${name}`);
      return piece;
    });
  }

  get bytes(): number {
    return [...this.pieces.values()].reduce((sum, piece) => sum + piece.length, 0);
  }
}

/** Well-formed texts of all lengths, with long literals in them. */
const texts = fc
  .array(
    fc.record({
      text: fc.string({ unit: "binary", maxLength: 30 }),
      escapes: fc.string({ unit: fc.constantFrom('"', "\\", "a", "\u{1f600}"), maxLength: 30 }),
      times: fc.constantFrom(1, 1, 200, 3_000),
      quoted: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((parts) =>
    parts
      .map(({ text, escapes, times, quoted }) => {
        const long = (text + escapes).repeat(times);
        return quoted ? JSON.stringify(long) : long;
      })
      .join(","),
  );

test.each(KEYS)("any well-formed text comes back as it was, %s", (_name, keys) => {
  const prefixes = fc.constantFrom("", "devl", "blob", "encr", "text", 'blob{"pieces":[],"between":[""]}');
  fc.assert(
    fc.property(prefixes, texts, (prefix, text) => {
      const shelf = new Shelf();
      expect(shelf.get(shelf.put(prefix + text, keys), keys) === prefix + text).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("what is short stays as it is", () => {
  const payload = `devl["${"x".repeat(4_000)}"]`;
  expect(pack(payload, NONE)).toEqual({ text: payload, pieces: [] });
});

test.each(KEYS)("a large string is one piece wherever it stands in a payload, %s", (_name, keys) => {
  const shelf = new Shelf();
  const large = randomBytes(300_000).toString("base64");
  const payloads = [
    `devl[[1],"${large}"]`,
    `devl[{"args":1},[2],"${large}"]`,
    `devl["${large}"]`,
    `devl["${large}","${large}"]`,
  ];
  const stored = payloads.map((payload) => shelf.put(payload, keys));
  expect(stored.map((text) => shelf.get(text, keys))).toEqual(payloads);
  expect(shelf.pieces.size).toBe(1);
  // Base64 has six bits of each eight, and compression finds them.
  expect(shelf.bytes).toBeLessThan(0.8 * large.length);
  expect(Math.max(...stored.map((text) => text.length))).toBeLessThan(600);
});

test("text that repeats itself is compressed; what does not is stored as it is [06-6.9.compression]", () => {
  const [text, noise] = [new Shelf(), new Shelf()];
  text.put(`devl${JSON.stringify(Array.from({ length: 5_000 }, (_, n) => ({ id: n, name: "somebody" })))}`, NONE);
  expect(text.bytes).toBeLessThan(30_000);
  let wide = "";
  for (let n = 0; n < 6_000; n += 1) wide += String.fromCodePoint(0x4e00 + (randomBytes(2).readUInt16BE() % 20_000));
  noise.put(wide, NONE);
  expect(noise.bytes).toBeLessThanOrEqual(Buffer.byteLength(wide) + 8);
});

test("nothing that is stored with a key shows the content, or a hash of it [06-6.9.encryption]", () => {
  const shelf = new Shelf();
  const secret = "the bees are in the garden";
  const small = shelf.put(`devl["${secret}"]`, ONE);
  const large = shelf.put(`devl["${secret.repeat(10_000)}","${secret}"]`, ONE);
  const all = Buffer.concat([Buffer.from(small + large), ...shelf.pieces.values()]).toString("latin1");
  expect(all).not.toContain("bees");
  expect(all).not.toContain(Buffer.from(secret).toString("base64").slice(4, -4));
  const plain = new Shelf();
  plain.put(`devl["${secret.repeat(10_000)}","${secret}"]`, NONE);
  expect([...shelf.pieces.keys()]).not.toEqual([...plain.pieces.keys()]);
});

test("equal small values do not look equal, equal large ones are stored once", () => {
  expect(pack("devl[true]", ONE).text).not.toBe(pack("devl[true]", ONE).text);
  const [first, second] = [pack("x".repeat(5_000), ONE).pieces[0], pack("x".repeat(5_000), ONE).pieces[0]];
  expect(first?.name).toBe(second?.name);
  expect(first?.encode()).toEqual(second?.encode());
});

test("a new key writes, the old one still reads; what was stored without a key stays readable", () => {
  const shelf = new Shelf();
  for (const payload of ["devl[1]", `devl["${"x".repeat(50_000)}"]`]) {
    const stored = [NONE, ONE, TWO].map((keys) => shelf.put(payload, keys));
    for (const text of stored) expect(shelf.get(text, TWO)).toBe(payload);
    expect(shelf.get(stored[2] as string, SECOND)).toBe(payload);
  }
});

test.each([
  ["small", "devl[1]"],
  ["large", `devl["${"x".repeat(50_000)}"]`],
])("a %s value says which key it needs", (_what, payload) => {
  const shelf = new Shelf();
  const text = shelf.put(payload, ONE);
  const id = Buffer.from(ONE.writing?.id ?? []).toString("hex");
  for (const [keys, why] of [
    [NONE, "this process has no key"],
    [SECOND, "this process does not have that key"],
  ] as const) {
    const open = (): string => shelf.get(text, keys);
    expect(open).toThrow(RuntimeDecryptionError);
    expect(open).toThrow(`it is encrypted with key ${id}, and ${why}`);
    expect(open).toThrow("(DECRYPTION_FAILED)");
  }
});

test("two keys may have the same id", () => {
  const shelf = new Shelf();
  const text = shelf.put("devl[1]", ONE);
  const [one, two] = TWO.all;
  if (one === undefined || two === undefined) throw new Error("There are not two keys");
  expect(shelf.get(text, { writing: undefined, all: [{ ...two, id: one.id }, one] })).toBe("devl[1]");
});

test("a changed byte of what is encrypted is noticed, whichever it is", () => {
  const text = pack("devl[12345]", ONE).text;
  const bytes = Buffer.from(text.slice(4), "base64");
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    const open = (): string => unpack(`encr${changed.toString("base64")}`, ONE, never);
    expect(open, `byte ${at}`).toThrow(RuntimeDecryptionError);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    const open = (): string => unpack(`encr${bytes.toString("base64", 0, length)}`, ONE, never);
    expect(open, `cut to ${length}`).toThrow(RuntimeDecryptionError);
  }
});

test.each(KEYS)("a changed byte of a piece is noticed, whichever it is, %s", (_name, keys) => {
  for (const content of ["ab".repeat(3_000), randomBytes(4_500).toString("latin1")]) {
    const { text, pieces } = pack(content, keys);
    const bytes = Buffer.from(pieces[0]?.encode() ?? []);
    // A frame of zstd has bits that mean nothing, so what counts is the content.
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(
        outcome(() => unpack(text, keys, () => changed)),
        `byte ${at}`,
      ).toSatisfy((found) => found === content || found === "refused");
    }
  }
});

test("a format that is not known and pieces that are not named are refused", () => {
  const { text } = pack("x".repeat(5_000), NONE);
  expect(() => unpack(text, NONE, () => Buffer.from("zip!..."))).toThrow(/format "zip!".*WORLD_FAILED/);
  expect(() => unpack("blob[", NONE, never)).toThrow(/is damaged.*WORLD_FAILED/);
});

function outcome(read: () => string): string {
  try {
    return read();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== "WORLD_FAILED" && code !== "DECRYPTION_FAILED") throw error;
    return "refused";
  }
}

function never(): never {
  throw new Error("Nothing is to be read");
}
