type ParameterDecorator = (target: unknown, key: PropertyKey | undefined, index: number) => void;

/** Makes a decorator of a parameter decorator. */
export default function decorateParam(
  index: number,
  decorator: ParameterDecorator,
): (target: unknown, key?: PropertyKey) => void {
  return (target, key) => decorator(target, key, index);
}

/** What `require()` of this module gives. */
export { decorateParam as "module.exports" };
