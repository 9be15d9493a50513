/** Reads .npy files, the arrays that numpy.save writes. */
import type { TypedArray } from "@imjoy/rpc";
import { type DecodedImage, guessAxes } from "./decoded";
import { DataError, damaged, unsupported } from "./errors";
import { checkSize } from "./limits";
import { float16ToFloat32, swapBytes } from "./numbers";

type Maker = new (buffer: ArrayBuffer, offset?: number) => TypedArray;

const TYPES: Record<string, [string, number, Maker]> = {
  b1: ["bool", 1, Uint8Array],
  i1: ["int8", 1, Int8Array],
  u1: ["uint8", 1, Uint8Array],
  i2: ["int16", 2, Int16Array],
  u2: ["uint16", 2, Uint16Array],
  i4: ["int32", 4, Int32Array],
  u4: ["uint32", 4, Uint32Array],
  i8: ["int64", 8, BigInt64Array],
  u8: ["uint64", 8, BigUint64Array],
  f2: ["float32", 2, Uint16Array],
  f4: ["float32", 4, Float32Array],
  f8: ["float64", 8, Float64Array],
};
const REMEDY = "Save an array of numbers with two to five dimensions with numpy.save.";

export function readNpy(bytes: Uint8Array): DecodedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) throw damaged("NPY", "its header is missing");
  const long = (bytes[6] ?? 1) > 1;
  const start = long ? 12 : 10;
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw damaged("NPY", "its header is missing");
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const code = /'descr':\s*'([^']{2,12})'/.exec(header)?.[1];
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (code === undefined || dimensions === undefined) {
    throw unsupported("NPY", "an array of records", REMEDY);
  }
  const type = TYPES[code.slice(1)];
  if (type === undefined) throw unsupported("NPY", `the element type "${code}"`, REMEDY);
  const shape = dimensions
    .split(",")
    .filter((part) => part.trim())
    .map(Number);
  if (shape.length < 2 || shape.length > 6) {
    const what = `The array has ${shape.length} dimension${shape.length === 1 ? "" : "s"}.`;
    throw new DataError("Reading the NPY file", what, REMEDY);
  }
  const [dtype, size, Maker] = type;
  checkSize("NPY", shape, size);
  const length = shape.reduce((product, side) => product * side, 1);
  if (bytes.length < end + length * size) throw damaged("NPY", "numbers are missing at its end");
  const own = bytes.slice(end, end + length * size);
  if (code.startsWith(">") && size > 1) swapBytes(own, size);
  let data: TypedArray = new Maker(own.buffer as ArrayBuffer);
  if (code.slice(1) === "f2") data = float16ToFloat32(data as Uint16Array);
  if (/'fortran_order':\s*True/.test(header)) data = toCOrder(data, shape);
  return { data, shape, dtype, axes: guessAxes(shape), info: { Format: "NPY", Type: dtype } };
}

/** The same numbers with the last index fastest instead of the first. */
function toCOrder(data: TypedArray, shape: number[]): TypedArray {
  const out = data.slice();
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((p, side) => p * side, 1));
  for (let to = 0, from = 0; to < data.length; to++) {
    out[to] = data[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= stride * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
