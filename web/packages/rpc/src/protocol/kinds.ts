/** Tells what a JavaScript value is that is encoded: plain, of the browser, of TensorFlow.js, of earlier versions. */
import { copyOf, type DType, dtypeNamed, findDType, type TypedArray } from "../dtypes";
import { RpcError } from "../errors";
import { NdArray, product } from "../nd-array";
import type { AnyIterator } from "./context";

export function unserializable(what: string): RpcError {
  return new RpcError("rpc.unserializable", `This cannot be sent to another plugin: ${what}.`);
}

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // An object made in another window has that window's Object.prototype.
  if (Object.getPrototypeOf(prototype) !== null) return false;
  return Object.getOwnPropertyDescriptor(prototype, "constructor")?.value?.name === "Object";
}

export function viewOf(view: ArrayBufferView): Uint8Array {
  try {
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  } catch {
    throw unserializable("an array whose memory has been moved to another place");
  }
}

/** The iterator of a generator or of what can only be iterated; undefined for anything else. */
export function iteratorOf(value: object): AnyIterator | undefined {
  const { next } = value as { next?: unknown };
  const asynchronous = (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator];
  if (typeof asynchronous === "function") return asynchronous.call(value);
  const plain = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (typeof next !== "function" || typeof plain !== "function") return undefined;
  return value as unknown as Iterator<unknown>;
}

export function isRawBuffer(value: object): value is ArrayBuffer {
  if (value instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
}

export function isImageData(value: object): value is ImageData {
  return typeof ImageData !== "undefined" && value instanceof ImageData;
}

export function isFileList(value: object): value is FileList {
  return typeof FileList !== "undefined" && value instanceof FileList;
}

/** What TensorFlow.js arrays have in common; the library itself is never loaded here. */
interface Tensor {
  dataSync(): TypedArray;
  shape: readonly number[];
  dtype: string;
}

export function isTensor(value: object): value is Tensor {
  const { dataSync, shape, dtype } = value as Partial<Tensor>;
  return typeof dataSync === "function" && Array.isArray(shape) && typeof dtype === "string";
}

export function tensorArray(tensor: Tensor): NdArray {
  if (findDType(tensor.dtype) === undefined) {
    throw unserializable(`a tensor of the type ${tensor.dtype}`);
  }
  return new NdArray(tensor.dataSync(), tensor.shape, tensor.dtype);
}

/** `{_rtype: "ndarray", _rvalue, _rshape, _rdtype}` as plugins for earlier ImJoy versions build it. */
export function legacyArray(value: Record<string, unknown>): NdArray {
  const shape = value._rshape;
  const data = value._rvalue;
  if (!Array.isArray(shape)) throw unserializable("an array without a shape (_rshape)");
  const dtype: DType = dtypeNamed(String(value._rdtype));
  if (Array.isArray(data)) return NdArray.from(data, shape, dtype.name);
  if (ArrayBuffer.isView(data)) {
    const bytes = viewOf(data);
    const fits = bytes.byteLength === product(shape) * dtype.itemSize;
    if (!fits) return new NdArray(data as unknown as TypedArray, shape, dtype.name);
    return NdArray.from(copyOf(bytes).buffer, shape, dtype.name);
  }
  if (typeof data === "object" && data !== null && isRawBuffer(data)) {
    return NdArray.from(data, shape, dtype.name);
  }
  throw unserializable("an array without data (_rvalue)");
}
