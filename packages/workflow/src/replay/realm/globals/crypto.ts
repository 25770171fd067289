/** `crypto`: random bytes that replay, and digests. Everything else belongs in a step. */
import { currentRun, type RunContext, seedOf } from "../context.ts";
import { bytesOf } from "./buffer-source.ts";
import { DOMException } from "./dom-exception.ts";
import { hexToBytes } from "./hex.ts";
import { digest } from "./host.ts";
import { mapGet, mapSet, typedArrayName } from "./intrinsics.ts";
import { toLatin1 } from "./latin1.ts";

/** Cannot collide with the name of a step or hook: those draw under keys without a control character. */
const DRAW = "\0crypto";
const BLOCK_BYTES = 32;
const MAX_BYTES = 65_536;
const INTEGERS = /^(?:Big)?(?:Int|Uint)(?:8|16|32|64)(?:Clamped)?Array$/;
const DIGESTS = /^SHA-(?:1|256|384|512)$/;

const { freeze } = Object;

/** SHA-256 in counter mode over the seed, which never leaves the engine. */
function fillRandom(run: RunContext, bytes: Uint8Array): void {
  let block = mapGet(run.draws, DRAW) ?? 0;
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const random = hexToBytes(digest("SHA-256", `workflow:crypto:${seedOf(run)}:${block++}`));
    bytes.set(random.subarray(0, bytes.length - start), start);
  }
  mapSet(run.draws, DRAW, block);
}

function activeRun(): RunContext {
  const run = currentRun();
  if (run === undefined) throw new Error("Random values are not available while no run is executing");
  return run;
}

function getRandomValues<View extends ArrayBufferView>(view: View): View {
  if (!INTEGERS.test(typedArrayName(view) ?? "")) {
    throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
  }
  if (view.byteLength > MAX_BYTES) {
    throw new DOMException("The requested length exceeds 65,536 bytes", "QuotaExceededError");
  }
  fillRandom(activeRun(), new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return view;
}

function randomUUID(): string {
  const bytes = new Uint8Array(16);
  fillRandom(activeRun(), bytes);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let text = "";
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += (bytes[index]! + 256).toString(16).slice(1);
  }
  return text;
}

/** Computed before it returns, so that the promise settles at the same point of every replay. */
async function subtleDigest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
  const given: unknown =
    typeof algorithm === "object" && algorithm !== null ? Reflect.get(algorithm, "name") : algorithm;
  const name = String(given).toUpperCase();
  if (!DIGESTS.test(name)) throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
  const bytes = bytesOf(data);
  if (bytes === undefined) {
    throw new TypeError("crypto.subtle.digest: the second argument is no ArrayBuffer, TypedArray or DataView");
  }
  return hexToBytes(digest(name, toLatin1(bytes))).buffer;
}

const UNAVAILABLE = [
  ...["encrypt", "decrypt", "sign", "verify", "generateKey", "deriveKey", "deriveBits"],
  ...["importKey", "exportKey", "wrapKey", "unwrapKey"],
];

function unavailable(name: string): () => never {
  return () => {
    throw new Error(
      `crypto.subtle.${name} is not available in workflow functions; call it inside a "use step" function`,
    );
  };
}

export const crypto: object = freeze({
  subtle: freeze({
    digest: subtleDigest,
    ...Object.fromEntries(UNAVAILABLE.map((name) => [name, unavailable(name)])),
  }),
  getRandomValues,
  randomUUID,
});
