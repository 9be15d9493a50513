/** Arrays of any element type as numbers that can be drawn: no big integers, no pairs, no half precision. */
import type { NdArray } from "@imjoy/rpc";

/** What the drawing loops take. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The elements of `array`; copied only where their type cannot be drawn. Complex numbers give magnitudes. */
export function drawable(array: NdArray): Numbers {
  const { data, dtype } = array;
  if (dtype.startsWith("complex")) return magnitudes(data as Float32Array);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return wideIntegers(data);
  if (dtype === "float16") return fromHalves(data as unknown as Uint16Array);
  if (data instanceof Uint8ClampedArray) {
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  }
  return data as Numbers;
}

function magnitudes(pairs: Float32Array | Float64Array): Float32Array {
  const out = new Float32Array(pairs.length / 2);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.hypot(pairs[2 * i] as number, pairs[2 * i + 1] as number);
  }
  return out;
}

/** Halves of 32 bits are read instead of big integers, which are ten times slower. */
function wideIntegers(data: BigInt64Array | BigUint64Array): Int32Array | Float64Array {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
  const signed = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  const high = data instanceof BigInt64Array ? signed : words;
  const small = new Int32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const low = signed[2 * i] as number;
    // Fits when the upper half only repeats the sign.
    if (high[2 * i + 1] !== (low < 0 ? -1 : 0)) return asDoubles(words, high);
    small[i] = low;
  }
  return small;
}

function asDoubles(words: Uint32Array, high: Uint32Array | Int32Array): Float64Array {
  const out = new Float64Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    out[i] = (high[2 * i + 1] as number) * 4294967296 + (words[2 * i] as number);
  }
  return out;
}

/** Where the browser has no Float16Array, the 16 bits of each number come as they are. */
function fromHalves(data: Uint16Array): Float32Array {
  if (!(data instanceof Uint16Array)) return Float32Array.from(data);
  return Float32Array.from(data, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

export function isFloat(data: Numbers): boolean {
  return data instanceof Float32Array || data instanceof Float64Array;
}
