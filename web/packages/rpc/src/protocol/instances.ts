/** Looks at objects of classes: which methods they offer, and which ones belong to the browser. */
import type { AnyFunction } from "./context";

const bound = new WeakMap<object, Map<string, AnyFunction>>();

/** Public methods have any name but those that begin with `_`, `constructor`, and `then` (a promise's). */
export function isMethodName(name: string): boolean {
  return !name.startsWith("_") && name !== "constructor" && name !== "then";
}

/** Methods of the classes of an object, bound to it; asking again gives the same functions. */
export function methodsOf(value: object): Map<string, AnyFunction> {
  const known = bound.get(value) ?? new Map<string, AnyFunction>();
  bound.set(value, known);
  for (const prototype of classesOf(value)) {
    const found = Object.getOwnPropertyDescriptors(prototype);
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method: unknown = found[name]?.value;
      if (typeof method !== "function" || !isMethodName(name) || known.has(name)) continue;
      known.set(name, method.bind(value) as AnyFunction);
    }
  }
  return known;
}

/** Name of the class when it is one of the browser's own, such as Window or RegExp. */
export function nativeClassOf(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return undefined;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof maker === "function" && isNative(maker) ? maker.name : undefined;
}

function classesOf(value: object): object[] {
  const classes: object[] = [];
  let prototype: object | null = Object.getPrototypeOf(value);
  while (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    if (typeof maker === "function" && isNative(maker)) break;
    classes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return classes;
}

function isNative(maker: object): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(maker));
}
