type Decorator = (target: unknown, key?: PropertyKey) => void;

/** The types of a decorated member, for whoever installed `reflect-metadata`; nothing without it. */
export default function decorateMetadata(key: string, value: unknown): Decorator | undefined {
  const metadata: unknown = Reflect.get(Reflect, "metadata");
  return typeof metadata === "function" ? (metadata(key, value) as Decorator) : undefined;
}

/** What `require()` of this module gives. */
export { decorateMetadata as "module.exports" };
