/** An array with a shape and an element type, as it travels between plugins. */
import {
  arrayFromBytes,
  type DType,
  dtypeNamed,
  dtypeOfArray,
  type TypedArray,
  typedArrayName,
} from "./dtypes";
import { RpcError } from "./errors";

/** numpy, at the other end, takes no more. */
export const MAX_DIMENSIONS = 32;

export class NdArray {
  /** Elements in C order; complex numbers are interleaved pairs. */
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** "uint8", "float32", "bool", "complex64", ... */
  readonly dtype: string;

  /** Raises rpc.unserializable when data, shape and element type do not fit together. */
  constructor(data: TypedArray, shape: readonly number[], dtype?: string) {
    const type = dtype === undefined ? dtypeOfArray(data) : dtypeNamed(dtype);
    checkShape(shape);
    if (data.BYTES_PER_ELEMENT !== type.array.BYTES_PER_ELEMENT) {
      throw mismatch(`elements of ${data.BYTES_PER_ELEMENT} bytes cannot be ${type.name}`);
    }
    if (data.length !== product(shape) * type.lanes) {
      throw mismatch(`${data.length} numbers do not fill the shape [${shape.join(", ")}]`);
    }
    this.data = data;
    this.shape = Object.freeze([...shape]);
    this.dtype = type.name;
  }

  /** From a typed array, raw bytes (with `dtype`) or a list of numbers, nested or flat. */
  static from(
    data: TypedArray | ArrayBuffer | readonly unknown[],
    shape?: readonly number[],
    dtype?: string,
  ): NdArray {
    if (typedArrayName(data) !== undefined) {
      const array = data as TypedArray;
      return new NdArray(array, shape ?? [array.length], dtype);
    }
    if (Array.isArray(data)) return fromList(data, shape, dtypeNamed(dtype ?? "float64"));
    const type = dtypeNamed(dtype ?? "uint8");
    const bytes = new Uint8Array(data as ArrayBuffer);
    if (bytes.length % type.itemSize !== 0) {
      throw mismatch(`${bytes.length} bytes are not a whole number of ${type.name} elements`);
    }
    const array = arrayFromBytes(bytes, type, false);
    return new NdArray(array, shape ?? [array.length / type.lanes], type.name);
  }

  /** Number of elements of the shape. */
  get size(): number {
    return product(this.shape);
  }

  // The names by which plugins written for earlier ImJoy versions read an array.
  get _rtype(): string {
    return "ndarray";
  }

  /** The bytes of the array, in native order. */
  get _rvalue(): ArrayBuffer {
    const { buffer, byteOffset, byteLength } = this.data;
    if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  }

  get _rshape(): readonly number[] {
    return this.shape;
  }

  get _rdtype(): string {
    return this.dtype;
  }

  // And those of the first versions.
  get __jailed_type__(): string {
    return "ndarray";
  }

  get __value__(): ArrayBuffer {
    return this._rvalue;
  }

  get __shape__(): readonly number[] {
    return this.shape;
  }

  get __dtype__(): string {
    return this.dtype;
  }
}

export function product(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

function checkShape(shape: readonly number[]): void {
  if (shape.length > MAX_DIMENSIONS) {
    throw mismatch(`${shape.length} dimensions are more than ${MAX_DIMENSIONS}`);
  }
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw mismatch(`[${shape.join(", ")}] is not a shape`);
    }
  }
}

function fromList(list: readonly unknown[], shape: readonly number[] | undefined, type: DType) {
  const found: number[] = [];
  for (let level: unknown = list; Array.isArray(level); level = level[0]) found.push(level.length);
  const flat = list.flat(Number.POSITIVE_INFINITY);
  const big = type.name.endsWith("int64");
  const data = new type.array(new ArrayBuffer(flat.length * type.array.BYTES_PER_ELEMENT));
  flat.forEach((item, index) => {
    data[index] = (big ? BigInt(item as number) : Number(item)) as never;
  });
  return new NdArray(data, shape ?? found, type.name);
}

function mismatch(why: string): RpcError {
  return new RpcError("rpc.unserializable", `This is not a valid array: ${why}.`);
}
