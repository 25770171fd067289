/**
 * Intrinsics that the realm's own machinery leans on, taken before workflow code can patch them. The names of
 * intrinsics (`Map`, `Math`, ...) cannot be replaced (per-run.ts); their members can.
 */
const { bind, call } = Function.prototype;

type Uncurried = <Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
) => (self: Self, ...args: Args) => Result;

/** The method as a function whose first parameter is the receiver. */
export const uncurry: Uncurried = bind.bind(call) as Uncurried;

type AnyMap = Map<unknown, unknown>;

export const mapGet = uncurry(Map.prototype.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined;
export const mapSet = uncurry(Map.prototype.set) as <K, V>(map: Map<K, V>, key: K, value: V) => AnyMap;
export const mapDelete = uncurry(Map.prototype.delete) as <K, V>(map: Map<K, V>, key: K) => boolean;
export const mapForEach = uncurry(Map.prototype.forEach) as <K, V>(
  map: Map<K, V>,
  visit: (value: V, key: K) => void,
) => void;
export const setHas = uncurry(Set.prototype.has) as <T>(set: ReadonlySet<T>, value: T) => boolean;

/** The name of a typed array's class, undefined for anything else. Not fooled by a patched `Symbol.toStringTag`. */
export const typedArrayName = uncurry(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!,
) as (value: unknown) => string | undefined;

/** Defines properties as the language defines its own: writable, configurable, not enumerable. */
export function addMembers(owner: object, members: object): void {
  for (const key of Reflect.ownKeys(members)) {
    const descriptor = Object.getOwnPropertyDescriptor(members, key)!;
    Object.defineProperty(owner, key, { ...descriptor, enumerable: false, configurable: true });
  }
}
