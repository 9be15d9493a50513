/** Tells what a JavaScript value is that is encoded: plain, of the browser, of TensorFlow.js, of earlier versions. */
import {
  concatenated,
  copyOf,
  type DType,
  dtypeNamed,
  findDType,
  type TypedArray,
} from "../dtypes";
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

/** How plugins for earlier ImJoy versions build an array: fields for its type, bytes, shape and dtype. */
const LEGACY = [
  ["_rtype", "_rvalue", "_rshape", "_rdtype"],
  ["__jailed_type__", "__value__", "__shape__", "__dtype__"],
] as const;

/** Whether an object stands for an array as in earlier ImJoy versions; without a shape it is the user's own. */
export function isLegacyArray(value: Record<string, unknown>): boolean {
  // In so many words, as every object that is sent is asked.
  if (value._rtype === "ndarray") {
    return Object.hasOwn(value, "_rvalue") && Array.isArray(value._rshape);
  }
  return (
    value.__jailed_type__ === "ndarray" &&
    Object.hasOwn(value, "__value__") &&
    Array.isArray(value.__shape__)
  );
}

export function legacyArray(value: Record<string, unknown>): NdArray {
  const names = LEGACY.find(([type]) => value[type] === "ndarray") ?? LEGACY[0];
  const [, data, , type] = names.map((name) => value[name]);
  const shape = value[names[2]] as number[];
  const dtype: DType = dtypeNamed(String(type));
  if (Array.isArray(data)) {
    // The first versions sent large ones in pieces.
    return NdArray.from(joined(data) ?? data, shape, dtype.name);
  }
  if (ArrayBuffer.isView(data)) {
    const bytes = viewOf(data);
    const fits = bytes.byteLength === product(shape) * dtype.itemSize;
    if (!fits) return new NdArray(data as unknown as TypedArray, shape, dtype.name);
    return NdArray.from(copyOf(bytes).buffer, shape, dtype.name);
  }
  if (typeof data === "object" && data !== null && isRawBuffer(data)) {
    return NdArray.from(data, shape, dtype.name);
  }
  throw unserializable(`an array without data (${names[1]})`);
}

/** The bytes of pieces; null when a list is of other things. */
function joined(pieces: readonly unknown[]): ArrayBuffer | null {
  const views: Uint8Array[] = [];
  for (const piece of pieces) {
    if (ArrayBuffer.isView(piece)) views.push(viewOf(piece));
    else if (typeof piece === "object" && piece !== null && isRawBuffer(piece)) {
      views.push(new Uint8Array(piece));
    } else return null;
  }
  return views.length > 0 ? concatenated(views).buffer : null;
}
