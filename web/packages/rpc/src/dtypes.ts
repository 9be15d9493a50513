/** The element types of arrays: their names, their codes on the wire and the JavaScript arrays that hold them. */
import { RpcError } from "./errors";

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type TypedArrayClass = {
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

export interface DType {
  /** As users know it: "uint8", "float32", "bool", "complex64". */
  readonly name: string;
  /** Kind and size as numpy writes them: "u1", "f4". */
  readonly code: string;
  /** Bytes of one element of the shape. */
  readonly itemSize: number;
  /** Numbers of the JavaScript array for one element of the shape: 2 for complex types. */
  readonly lanes: number;
  readonly array: TypedArrayClass;
}

// Float16Array is not in every browser; without it the raw 16 bits are kept.
const Float16 = (globalThis as unknown as { Float16Array?: TypedArrayClass }).Float16Array;

const TABLE: readonly (readonly [string, string, TypedArrayClass, number])[] = [
  ["int8", "i1", Int8Array, 1],
  ["uint8", "u1", Uint8Array, 1],
  ["int16", "i2", Int16Array, 1],
  ["uint16", "u2", Uint16Array, 1],
  ["int32", "i4", Int32Array, 1],
  ["uint32", "u4", Uint32Array, 1],
  ["int64", "i8", BigInt64Array, 1],
  ["uint64", "u8", BigUint64Array, 1],
  ["float16", "f2", Float16 ?? Uint16Array, 1],
  ["float32", "f4", Float32Array, 1],
  ["float64", "f8", Float64Array, 1],
  ["bool", "b1", Uint8Array, 1],
  ["complex64", "c8", Float32Array, 2],
  ["complex128", "c16", Float64Array, 2],
];

const BY_NAME = new Map<string, DType>();
const BY_CODE = new Map<string, DType>();
for (const [name, code, array, lanes] of TABLE) {
  const dtype: DType = { name, code, itemSize: array.BYTES_PER_ELEMENT * lanes, lanes, array };
  BY_NAME.set(name, dtype);
  BY_CODE.set(code, dtype);
}

const OF_ARRAY = new Map<string, string>([
  ["Int8Array", "int8"],
  ["Uint8Array", "uint8"],
  ["Uint8ClampedArray", "uint8"],
  ["Int16Array", "int16"],
  ["Uint16Array", "uint16"],
  ["Int32Array", "int32"],
  ["Uint32Array", "uint32"],
  ["BigInt64Array", "int64"],
  ["BigUint64Array", "uint64"],
  ["Float16Array", "float16"],
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
]);

/** The type of that name or wire code ("uint16", "<u2"); undefined when there is none. */
export function findDType(text: string): DType | undefined {
  return BY_NAME.get(text) ?? parseWireDType(text)?.dtype;
}

/** Raises rpc.unserializable when there is no element type of that name. */
export function dtypeNamed(name: string): DType {
  const dtype = findDType(name);
  if (dtype === undefined) {
    throw new RpcError("rpc.unserializable", `There is no array element type "${name}".`);
  }
  return dtype;
}

/** "<u2" -> uint16 in native order; undefined when the text is not a type of the protocol. */
export function parseWireDType(text: string): { dtype: DType; swapped: boolean } | undefined {
  const dtype = BY_CODE.get(text.slice(1));
  if (dtype === undefined) return undefined;
  const order = text[0];
  const orderFree = text.endsWith("1");
  if (order === "|") return orderFree ? { dtype, swapped: false } : undefined;
  if (order === "<") return { dtype, swapped: false };
  if (order === ">") return { dtype, swapped: !orderFree };
  return undefined;
}

export function wireDType(dtype: DType): string {
  return (dtype.itemSize === 1 ? "|" : "<") + dtype.code;
}

/** Name of the JavaScript class ("Uint8Array"), undefined for anything that is not a typed array. Cannot be faked. */
export function typedArrayName(value: unknown): string | undefined {
  return readName.call(value) as string | undefined;
}

const readName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => unknown;

export function dtypeOfArray(array: TypedArray): DType {
  return BY_NAME.get(OF_ARRAY.get(typedArrayName(array) ?? "") ?? "") ?? dtypeNamed("uint8");
}

/** A typed array over `bytes`, copied only when it is misaligned or in the other byte order. */
export function arrayFromBytes(bytes: Uint8Array, dtype: DType, swapped: boolean): TypedArray {
  const unit = dtype.array.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % unit === 0 && bytes.buffer instanceof ArrayBuffer;
  const own = swapped || !aligned ? copyOf(bytes) : bytes;
  if (swapped) swapBytes(own, unit);
  return new dtype.array(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / unit);
}

/** The bytes of all of them, one after the other. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A copy that owns a buffer of exactly its size. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

function swapBytes(bytes: Uint8Array, unit: number): void {
  for (let start = 0; start < bytes.length; start += unit) {
    bytes.subarray(start, start + unit).reverse();
  }
}
