/**
 * `Object.defineProperty` and its kin, for which `globalThis` is special: a property that cannot be removed
 * again, or a global object that cannot be changed, would be seen by the other runs of the realm.
 */
import { addMembers } from "./intrinsics.ts";
import { defineGlobal, globalDescriptor } from "./per-run.ts";

const { defineProperty, defineProperties, freeze, preventExtensions, seal, getOwnPropertyDescriptor } = Object;
const { defineProperty: reflectDefine, preventExtensions: reflectPrevent, ownKeys } = Reflect;

export function installDefineProperty(): void {
  addMembers(Object, {
    defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): object {
      if (target !== globalThis) return defineProperty(target, key, descriptor);
      if (!define(key, descriptor)) throw new TypeError(`Cannot redefine property: ${String(key)}`);
      return target;
    },
    defineProperties(target: object, descriptors: PropertyDescriptorMap): object {
      if (target !== globalThis) return defineProperties(target, descriptors);
      for (const key of ownKeys(descriptors)) {
        if (getOwnPropertyDescriptor(descriptors, key)?.enumerable)
          Object.defineProperty(target, key, descriptors[key]!);
      }
      return target;
    },
    freeze: (target: object): object => freeze(notGlobal(target)),
    seal: (target: object): object => seal(notGlobal(target)),
    preventExtensions: (target: object): object => preventExtensions(notGlobal(target)),
  });
  addMembers(Reflect, {
    defineProperty: (target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean =>
      target === globalThis ? define(key, descriptor) : reflectDefine(target, key, descriptor),
    preventExtensions: (target: object): boolean => target !== globalThis && reflectPrevent(target),
  });
}

function define(key: PropertyKey, descriptor: PropertyDescriptor): boolean {
  const name = typeof key === "symbol" ? key : String(key);
  const known = globalDescriptor(name);
  if (known !== undefined && known.configurable === false) return reflectDefine(globalThis, name, descriptor);
  const draft = {};
  if (known !== undefined) defineProperty(draft, name, known);
  defineProperty(draft, name, descriptor);
  return defineGlobal(name, { ...getOwnPropertyDescriptor(draft, name), configurable: true });
}

function notGlobal(target: object): object {
  if (target === globalThis) throw new TypeError("globalThis cannot be frozen or sealed in workflow functions");
  return target;
}
