import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createTestRealm, inNode, type TestRealm } from "./fixtures/realm.ts";

let realm: TestRealm;
beforeAll(async () => {
  realm = await createTestRealm();
});

async function inBoth(body: string): Promise<[found: unknown, expected: unknown]> {
  return [realm.open().evaluate(body), await inNode(body)];
}

const strings = fc.sample(
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  ),
  { numRuns: 800, seed: 1 },
);
const awkward = fc.constantFrom(
  0x41,
  0x80,
  0xbf,
  0xc1,
  0xc2,
  0xe0,
  0xa0,
  0x9f,
  0xed,
  0xef,
  0xbb,
  0xbf,
  0xf0,
  0x90,
  0xf4,
  0x8f,
  0xf5,
  0xff,
);
const byteLists = fc.sample(
  fc.oneof(fc.array(awkward, { maxLength: 9 }), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 })),
  { numRuns: 1500, seed: 2 },
);

test("TextEncoder [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`
    const encoder = new TextEncoder();
    const rows = ${JSON.stringify(strings)}.map((text) => [...encoder.encode(text)]);
    for (const text of ["héllo", "\\u{1F600}x", "\\ud800a"]) for (const size of [0, 1, 2, 3, 4, 9]) {
      const target = new Uint8Array(size);
      rows.push([encoder.encodeInto(text, target), [...target]]);
    }
    rows.push([...encoder.encode()], encoder.encode(undefined).length, encoder.encoding, encoder.encode(null).length);
    try { encoder.encodeInto("a", new Uint16Array(1)) } catch (error) { rows.push(error.name) }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("TextDecoder reads UTF-8, whole and fatal [01-1.14.platform]", async () => {
  const [found, expected] = await inBoth(`
    return ${JSON.stringify(byteLists)}.map((list) => [{}, { fatal: true }, { ignoreBOM: true }].map((options) => {
      try { return new TextDecoder("utf-8", options).decode(new Uint8Array(list)) } catch (error) { return [error.name, error.code] }
    }));
  `);
  expect(found).toEqual(expected);
});

test("TextDecoder reads UTF-8 in pieces", async () => {
  const [found, expected] = await inBoth(`
    return ${JSON.stringify(byteLists.slice(0, 700))}.map((list) => {
      const decoder = new TextDecoder();
      const pieces = [];
      for (let start = 0; start < list.length; start += 2) pieces.push(decoder.decode(new Uint8Array(list.slice(start, start + 2)), { stream: true }));
      pieces.push(decoder.decode(), decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x41])));
      return pieces.join("|");
    });
  `);
  expect(found).toEqual(expected);
});

test("TextDecoder reads other encodings", async () => {
  const [found, expected] = await inBoth(`
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const rows = ["latin1", " UTF8 ", "ascii", "utf-16le", "iso-8859-2", "shift_jis", "windows-1251"].map((label) => {
      const decoder = new TextDecoder(label);
      return [decoder.encoding, decoder.fatal, decoder.ignoreBOM, decoder.decode(bytes), decoder.decode(bytes.buffer), decoder.decode(new DataView(bytes.buffer, 4, 8))];
    });
    for (const make of [() => new TextDecoder("nope"), () => new TextDecoder("utf-8", 5), () => new TextDecoder().decode("text"), () => new TextDecoder("utf-16le", { fatal: true }).decode(new Uint8Array(1))]) {
      try { rows.push(typeof make()) } catch (error) { rows.push([error.name]) }
    }
    return rows;
  `);
  expect(found).toEqual(expected);
});

test("an encoding of the host's is not decoded in pieces", () => {
  const body = `new TextDecoder("shift_jis").decode(new Uint8Array(1), { stream: true })`;
  expect(() => realm.open().evaluate(body)).toThrow(/cannot stream shift_jis/);
});

test("atob and btoa [01-1.14.platform]", async () => {
  const encoded = fc.sample(fc.stringMatching(/^[A-Da-d0+/= \n_-]{0,9}$/), { numRuns: 2000, seed: 6 });
  const [found, expected] = await inBoth(`
    const attempt = (task) => { try { return task() } catch (error) { return [error.name, error.code] } };
    return [
      ${JSON.stringify(encoded)}.map((text) => attempt(() => atob(text))), ${JSON.stringify(strings)}.map((text) => attempt(() => btoa(text))),
      attempt(() => btoa()), attempt(() => atob()), atob(null).length, btoa(undefined), btoa(12.5), attempt(() => atob("*")),
    ].map((value) => (value instanceof Array && value[0] === "TypeError" ? "TypeError" : value));
  `);
  expect(found).toEqual(expected);
});

test("Uint8Array to text [01-1.14.base64]", () => {
  const lists = byteLists.slice(0, 300);
  const found = realm.open().evaluate(`
    return ${JSON.stringify(lists)}.map((list) => {
      const bytes = new Uint8Array(list);
      return [bytes.toHex(), bytes.toBase64(), bytes.toBase64({ alphabet: "base64url" }), bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
        [...Uint8Array.fromBase64(bytes.toBase64())], [...Uint8Array.fromHex(bytes.toHex())]];
    });
  `);
  expect(found).toEqual(
    lists.map((list) => {
      const bytes = Buffer.from(list);
      const urlPadded = bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
      return [bytes.toString("hex"), bytes.toString("base64"), urlPadded, bytes.toString("base64url"), list, list];
    }),
  );
});

const SYNTAX = "SyntaxError";
test.each([
  [`Uint8Array.fromBase64("Zg")`, [102]],
  [`Uint8Array.fromBase64(" Z m 8 = ")`, [102, 111]],
  [`Uint8Array.fromBase64("Zm9v_-", { alphabet: "base64url" })`, [102, 111, 111, 255]],
  [`Uint8Array.fromBase64("Zm9v+/", { alphabet: "base64url" })`, SYNTAX],
  [`Uint8Array.fromBase64("Z")`, SYNTAX],
  [`Uint8Array.fromBase64("Zg=")`, SYNTAX],
  [`Uint8Array.fromBase64("Zg==x")`, SYNTAX],
  [`Uint8Array.fromBase64("Zh==", { lastChunkHandling: "strict" })`, SYNTAX],
  [`Uint8Array.fromBase64("Zh==")`, [102]],
  [`Uint8Array.fromBase64("Zg", { lastChunkHandling: "strict" })`, SYNTAX],
  [`Uint8Array.fromBase64("Zm9vZg", { lastChunkHandling: "stop-before-partial" })`, [102, 111, 111]],
  [`Uint8Array.fromBase64("Zg=", { lastChunkHandling: "stop-before-partial" })`, []],
  [`Uint8Array.fromBase64("", { alphabet: "base32" })`, "TypeError"],
  [`Uint8Array.fromBase64(7)`, "TypeError"],
  [`Uint8Array.fromBase64("", null)`, "TypeError"],
  [`Uint8Array.fromHex("0aFf")`, [10, 255]],
  [`Uint8Array.fromHex("0a0")`, SYNTAX],
  [`Uint8Array.fromHex("zz")`, SYNTAX],
  [`Uint8Array.prototype.toHex.call([1])`, "TypeError"],
])("%s", (expression, expected) => {
  const body = `try { const value = ${expression}; return [...value] } catch (error) { return error.name }`;
  expect(realm.open().evaluate(body)).toEqual(expected);
});

test.each([
  [`target.setFromBase64("Zm9vYmFy")`, { read: 4, written: 3 }, [102, 111, 111, 0]],
  [`target.setFromBase64("Zm9vYg==")`, { read: 8, written: 4 }, [102, 111, 111, 98]],
  [`target.setFromBase64("Zm9v!!")`, SYNTAX, [102, 111, 111, 0]],
  [`target.setFromHex("010203040")`, SYNTAX, [0, 0, 0, 0]],
  [`target.setFromHex("010203040506")`, { read: 8, written: 4 }, [1, 2, 3, 4]],
  [`target.setFromHex("01zz")`, SYNTAX, [1, 0, 0, 0]],
  [`target.setFromHex("01")`, { read: 2, written: 1 }, [1, 0, 0, 0]],
])("%s", (expression, expected, bytes) => {
  const body = `
    const target = new Uint8Array(4);
    let result;
    try { result = ${expression} } catch (error) { result = error.name }
    return [result, [...target]];
  `;
  expect(realm.open().evaluate(body)).toEqual([expected, bytes]);
});
