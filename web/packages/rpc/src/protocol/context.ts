/** What encoding and decoding need from the peer, and the registry of user-made codecs. */

// biome-ignore lint/suspicious/noExplicitAny: the functions of users take and return anything
export type AnyFunction = (...args: any[]) => unknown;

/** Where a function lives: address of the peer and name in its table. */
export interface Ref {
  p: string;
  t: string;
}

/** How functions become references, and references functions again; given by the peer. */
export interface ValueContext {
  /** `self` is the object whose method it is. */
  encodeFunction(fn: AnyFunction, self?: object): Ref;
  decodeRef(peer: string, target: string): unknown;
  /** A function that gives the items of an iterator, as a reference. */
  encodeStream?(iterator: AnyIterator): Ref;
  decodeStream?(peer: string, target: string): unknown;
  codecs?: CodecRegistry | undefined;
}

export type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Translates values of one class to values that the protocol knows, and back. */
export interface Codec {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: any class of a user
  type?: (abstract new (...args: any[]) => object) | undefined;
  encoder?: ((value: never) => unknown) | undefined;
  decoder?: ((value: never) => unknown) | undefined;
}

export class CodecRegistry {
  private readonly byName = new Map<string, Codec>();

  register(codec: Codec): void {
    this.byName.set(codec.name, codec);
  }

  named(name: string): Codec | undefined {
    return this.byName.get(name);
  }

  /** The codec that encodes this object: the one registered last wins. */
  of(value: object): Codec | undefined {
    let found: Codec | undefined;
    for (const codec of this.byName.values()) {
      if (codec.encoder && codec.type && value instanceof codec.type) found = codec;
    }
    return found;
  }
}

/** Values of codecs that are not known here, with the names of these. */
const relayed = new WeakMap<object, string>();

/** Notes that the value came by a codec, so that it goes on by the same one. */
export function noteCodec(value: unknown, name: string): void {
  if (typeof value === "object" && value !== null) relayed.set(value, name);
}

/** The codec by which the value came, when it was one that is not known here. */
export function notedCodec(value: object): string | undefined {
  return relayed.get(value);
}

/** Sets a property as data of the object itself, whatever its name. */
export function setOwn(target: object, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}
