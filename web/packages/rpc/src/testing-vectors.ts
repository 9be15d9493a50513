/** Reads protocol/vectors, the cases that every implementation must pass, and compares values with them. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { dtypeNamed, type TypedArray } from "./dtypes";
import { RpcError } from "./errors";
import { NdArray } from "./nd-array";
import { type AnyFunction, decode, type ValueContext } from "./protocol/values";

type Part = string | { repeat: string; times: number };
/** A text by rule: one part, or several that are joined. */
export type Text = Part | Part[];

export interface ValueCase {
  name: string;
  body: Text;
  buffers: Text[];
  value: Description;
  canonical: boolean;
  /** Only in errors.json: the code with which decoding fails. */
  error: string;
}

export type Description = unknown;

export function readVectors<T>(file: string): T[] {
  return readVectorFile<T[]>(file);
}

export function readVectorFile<T>(file: string): T {
  const path = new URL(`../../../../protocol/vectors/${file}`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

export function joinText(text: Text): string {
  return (Array.isArray(text) ? text : [text])
    .map((part) => (typeof part === "string" ? part : part.repeat.repeat(part.times)))
    .join("");
}

/** Bytes in a buffer that is theirs alone. */
export function fromHex(text: Text): ArrayBuffer {
  return Uint8Array.from(Buffer.from(joinText(text), "hex")).buffer;
}

export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString("hex");
}

/** Functions keep peer and target, and are references to them again. */
export class RefContext implements ValueContext {
  private readonly refs = new Map<AnyFunction, { p: string; t: string }>();

  decodeRef(p: string, t: string): AnyFunction {
    const fn = () => undefined;
    this.refs.set(fn, { p, t });
    return fn;
  }

  encodeFunction(fn: AnyFunction): { p: string; t: string } {
    const ref = this.refs.get(fn);
    if (ref === undefined) throw new Error("This function did not come from a vector.");
    return ref;
  }
}

export function decodeCase(vector: ValueCase, context: ValueContext): unknown {
  return decode(joinText(vector.body), vector.buffers.map(fromHex), context);
}

type Fields = Record<string, unknown> & { items: unknown[] };
type Check = (value: unknown, fields: Fields, context: RefContext) => void | Promise<void>;

/** Fails the test when a value is not as described in protocol/vectors/README.md. */
export async function expectValue(
  value: unknown,
  like: Description,
  context: RefContext,
): Promise<void> {
  if (Array.isArray(like)) {
    expect(Array.isArray(value)).toBe(true);
    await expectAll(value as unknown[], like, context);
  } else if (typeof like === "object" && like !== null) {
    const check = CHECKS[(like as { type: string }).type];
    if (check === undefined) throw new Error(`The description ${JSON.stringify(like)} is unknown.`);
    await check(value, like as Fields, context);
  } else {
    expect(value).toBe(like);
  }
}

async function expectAll(values: unknown[], likes: unknown[], context: RefContext): Promise<void> {
  expect(values).toHaveLength(likes.length);
  for (const [index, like] of likes.entries()) await expectValue(values[index], like, context);
}

const CHECKS: Record<string, Check> = {
  dict: async (value, { items }, context) => {
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    await expectAll(Object.entries(value as object), items, context);
  },
  map: async (value, { items }, context) => {
    expect(value).toBeInstanceOf(Map);
    await expectAll([...(value as Map<unknown, unknown>)], items, context);
  },
  set: async (value, { items }, context) => {
    expect(value).toBeInstanceOf(Set);
    await expectAll([...(value as Set<unknown>)], items, context);
  },
  float: (value, { text }) => expect(floatText(value as number)).toBe(text),
  int: (value, { text }) => expect(value).toBe(BigInt(text as string)),
  complex: async (value, { re, im }, context) => {
    expect(Object.keys(value as object)).toEqual(["re", "im"]);
    await expectAll(Object.values(value as object), [re, im], context);
  },
  bytes: (value, { hex }) => {
    expect(value).toBeInstanceOf(ArrayBuffer);
    expect(toHex(value as ArrayBuffer)).toBe(hex);
  },
  typedarray: (value, { dtype, items }) => expectItems(value as TypedArray, dtype as string, items),
  ndarray: (value, { dtype, shape, items }) => {
    expect(value).toBeInstanceOf(NdArray);
    const array = value as NdArray;
    expect([array.dtype, array.shape]).toEqual([dtype, shape]);
    expectItems(array.data, dtype as string, items);
  },
  date: (value, { ms }) => {
    expect(value).toBeInstanceOf(Date);
    expect((value as Date).getTime()).toBe(ms);
  },
  blob: async (value, { hex, mime, name, ms }) => {
    expect(value).toBeInstanceOf(name === undefined ? Blob : File);
    const file = value as File;
    expect([file.type, file.name]).toEqual([mime, name]);
    if (ms !== undefined) expect(file.lastModified).toBe(ms);
    expect(toHex(await file.arrayBuffer())).toBe(hex);
  },
  error: async (value, { code, name, message, traceback, data }, context) => {
    expect(value).toBeInstanceOf(RpcError);
    const error = value as RpcError;
    expect([error.code, error.remoteName, error.message]).toEqual([code, name, message]);
    await expectAll([error.traceback ?? null, error.data ?? null], [traceback, data], context);
  },
  ref: (value, { peer, target }, context) => {
    expect(context.encodeFunction(value as AnyFunction)).toEqual({ p: peer, t: target });
  },
  nested: async (value, { times, value: inner }, context) => {
    let level = value;
    for (let i = 0; i < (times as number); i += 1) {
      expect(level).toHaveLength(1);
      level = (level as unknown[])[0];
    }
    await expectValue(level, inner, context);
  },
};

function expectItems(array: TypedArray, name: string, items: unknown[]): void {
  const dtype = dtypeNamed(name);
  expect(array).toBeInstanceOf(dtype.array);
  const numbers: unknown[] = [...array];
  const texts = items.map((_, index) => itemText(numbers, index, name, dtype.lanes));
  expect(texts).toEqual(items);
  expect(numbers).toHaveLength(items.length * dtype.lanes);
}

function itemText(numbers: unknown[], index: number, name: string, lanes: number): string {
  const own = numbers.slice(index * lanes, (index + 1) * lanes);
  if (name === "bool") return own[0] === 1 ? "true" : "false";
  // Without Float16Array the array holds the raw bits.
  const raw = name === "float16" && !("Float16Array" in globalThis);
  return own.map((item) => floatText(raw ? halfFloat(item as number) : item)).join(",");
}

function floatText(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return Number.isNaN(value) ? "nan" : String(value);
}

function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
