/** Byte order and half precision: conversions on whole arrays. */

/** Reverses the bytes of every element, in place. `size` is 2, 4 or 8. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  const length = bytes.length - (bytes.length % size);
  for (let start = 0; start < length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low] as number;
      bytes[low] = bytes[high] as number;
      bytes[high] = byte;
    }
  }
}

let halves: Float32Array | null = null;

/** Value of all 65536 half precision numbers. */
function halfTable(): Float32Array {
  if (halves) return halves;
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) table[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  halves = table;
  return table;
}

export function float16ToFloat32(raw: Uint16Array): Float32Array<ArrayBuffer> {
  const table = halfTable();
  const out = new Float32Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = table[raw[i] as number] as number;
  return out;
}
