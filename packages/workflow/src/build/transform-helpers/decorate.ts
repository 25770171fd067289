type Decorator = (target: unknown, key?: PropertyKey, descriptor?: PropertyDescriptor) => unknown;

/**
 * Applies TypeScript's experimental decorators, last first. Of a class: two arguments. Of a member: the descriptor
 * is null for "look it up", undefined for a field, which has none.
 */
export default function decorate(
  ...[decorators, target, key, descriptor]: [
    decorators: readonly (Decorator | undefined)[],
    target: object,
    key?: PropertyKey,
    descriptor?: PropertyDescriptor | null,
  ]
): unknown {
  const present = decorators.filter((decorator) => decorator !== undefined).toReversed();
  if (key === undefined)
    return present.reduce((current, decorator) => (decorator(current) as object | undefined) ?? current, target);
  const own = descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor;
  const result = present.reduce(
    (current, decorator) => (decorator(target, key, current) as PropertyDescriptor | undefined) ?? current,
    own,
  );
  if (result !== undefined) Object.defineProperty(target, key, result);
  return result;
}

/** What `require()` of this module gives. */
export { decorate as "module.exports" };
