import { expect, test } from "vitest";
import { createTestRealm, inNode, SEED } from "./fixtures/realm.ts";

const DRAW = `return [
  Math.random(), crypto.randomUUID(), Math.random(), [...crypto.getRandomValues(new Uint8Array(70))],
  [...crypto.getRandomValues(new Uint32Array(2))], crypto.randomUUID(),
]`;

test("one seed gives one sequence, in any realm [01-1.14.random] [01-1.14.crypto] [07-7.13.seed]", async () => {
  const [first, second] = [await createTestRealm(), await createTestRealm()];
  const drawn = first.open().evaluate(DRAW);
  expect(second.open().evaluate(DRAW)).toEqual(drawn);
  expect(first.open().evaluate(DRAW)).toEqual(drawn);
  expect(first.open("f".repeat(32)).evaluate(DRAW)).not.toEqual(drawn);
});

test("runs that take turns in one realm do not disturb each other", async () => {
  const realm = await createTestRealm();
  const draw = "return [Math.random(), crypto.randomUUID()]";
  const alone = realm.open();
  const expected = [alone.evaluate(draw), alone.evaluate(draw)];
  const [a, b] = [realm.open(), realm.open()];
  const [a1, b1, b2, a2] = [a.evaluate(draw), b.evaluate(draw), b.evaluate(draw), a.evaluate(draw)];
  expect([a1, a2]).toEqual(expected);
  expect([b1, b2]).toEqual(expected);
});

test("Math.random and crypto draw from separate streams", async () => {
  const realm = await createTestRealm();
  const uuids = "return [crypto.randomUUID(), crypto.randomUUID()]";
  const expected = realm.open().evaluate(uuids);
  const run = realm.open();
  run.evaluate("for (let i = 0; i < 5; i++) Math.random()");
  expect(run.evaluate(uuids)).toEqual(expected);
});

test("Math.random is spread evenly and fills the mantissa", async () => {
  const [buckets, distinct, low] = (await createTestRealm()).open().evaluate<[number[], number, number]>(`
    const buckets = Array(16).fill(0);
    const seen = new Set();
    let low = 0;
    for (let i = 0; i < 16000; i++) {
      const x = Math.random();
      if (!(x >= 0 && x < 1)) throw new Error("out of range " + x);
      buckets[Math.floor(x * 16)]++;
      low += (x * 2 ** 53) % 2;
      seen.add(x);
    }
    return [buckets, seen.size, low];
  `);
  expect(distinct).toBe(16_000);
  expect(low).toBeGreaterThan(7500);
  expect(low).toBeLessThan(8500);
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(160);
});

test("the seed shows in nothing that code can read", async () => {
  const text = JSON.stringify((await createTestRealm()).open().evaluate(DRAW));
  expect(text).not.toContain(SEED);
});

test("UUIDs are of version 4", async () => {
  const uuids = (await createTestRealm())
    .open()
    .evaluate<string[]>("return Array.from({ length: 200 }, () => crypto.randomUUID())");
  expect(new Set(uuids).size).toBe(200);
  for (const uuid of uuids) expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("digests are those of WebCrypto, and settle at once [01-1.14.digest]", async () => {
  const body = `
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index);
    const inputs = [new Uint8Array(0), bytes, bytes.buffer, new DataView(bytes.buffer, 3, 9), new Uint16Array(bytes.buffer, 2, 4)];
    const results = [];
    for (const algorithm of ["SHA-1", "sha-256", { name: "SHA-384" }, "SHA-512"]) for (const input of inputs) {
      const digest = await crypto.subtle.digest(algorithm, input);
      results.push([digest instanceof ArrayBuffer, [...new Uint8Array(digest)]]);
    }
    for (const args of [["MD5", bytes], ["SHA-1", "text"], ["SHA-1"]]) {
      results.push(await crypto.subtle.digest(...args).then(() => "resolved", (error) => error.name));
    }
    return results;
  `;
  expect((await createTestRealm()).open().evaluate(body)).toEqual(await inNode(body));
});

test("getRandomValues refuses what WebCrypto refuses", async () => {
  const body = `
    const name = (task) => { try { return typeof task() } catch (error) { return [error.name, error.code] } };
    const same = new Int16Array(3);
    return [
      name(() => crypto.getRandomValues(new Float32Array(1))), name(() => crypto.getRandomValues(new Uint8Array(65537))),
      name(() => crypto.getRandomValues(new DataView(new ArrayBuffer(2)))), name(() => crypto.getRandomValues([1])),
      name(() => crypto.getRandomValues(new BigInt64Array(2))), crypto.getRandomValues(same) === same,
    ];
  `;
  expect((await createTestRealm()).open().evaluate(body)).toEqual(await inNode(body));
});

test("other members of crypto.subtle say where to use them", async () => {
  const evaluate = (await createTestRealm()).open().evaluate;
  expect(() => evaluate('crypto.subtle.generateKey("AES-GCM")')).toThrow(/crypto.subtle.generateKey .* "use step"/);
});
