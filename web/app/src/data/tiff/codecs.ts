/** Unpacks the bytes of one strip or tile and undoes its prediction. */
import { unzlibSync } from "fflate";
import { decompress } from "fzstd";
import { damaged, unsupported } from "../errors";

/** Name and best possible packing of every compression that is read here. */
const COMPRESSIONS: Record<number, { name: string; ratio: number }> = {
  1: { name: "none", ratio: 1 },
  5: { name: "LZW", ratio: 2800 },
  7: { name: "JPEG", ratio: 1000 },
  8: { name: "deflate", ratio: 1040 },
  32773: { name: "PackBits", ratio: 65 },
  32946: { name: "deflate", ratio: 1040 },
  34926: { name: "Zstandard", ratio: 50_000 },
  50000: { name: "Zstandard", ratio: 50_000 },
};

const ZSTANDARD = new Set([34926, 50000]);

const OTHER_NAMES: Record<number, string> = {
  2: "CCITT (fax)",
  3: "CCITT group 3 (fax)",
  4: "CCITT group 4 (fax)",
  6: "old JPEG",
  9: "JBIG",
  10: "JBIG",
  33003: "JPEG 2000",
  33004: "JPEG 2000",
  33005: "JPEG 2000",
  34712: "JPEG 2000",
  34887: "LERC",
  34892: "lossy JPEG",
  34925: "LZMA",
  34927: "WebP",
  50001: "WebP",
  50002: "JPEG XL",
  52546: "JPEG XL",
};

/** Raises data.unreadable, with the name of the compression, when it is none of ours. */
export function compressionOf(code: number): { name: string; ratio: number } {
  const found = COMPRESSIONS[code];
  if (found) return found;
  const name = OTHER_NAMES[code];
  throw unsupported("TIFF", name ? `${name} compression` : `compression number ${code}`);
}

/** Exactly `expected` bytes. The result may share memory with `bytes` when there is no compression. */
export function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  compression: number,
  expected: number,
): Uint8Array<ArrayBuffer> {
  if (compression === 1) {
    if (bytes.length < expected) throw damaged("TIFF", "pixels are missing");
    return bytes.subarray(0, expected);
  }
  const out = new Uint8Array(expected);
  let length: number;
  if (compression === 5) length = unpackLzw(bytes, out);
  else if (compression === 32773) length = unpackBits(bytes, out);
  else if (ZSTANDARD.has(compression)) length = unpackZstandard(bytes, out);
  else length = inflate(bytes, out);
  if (length < expected) throw damaged("TIFF", "pixels are missing in a compressed part");
  return out;
}

function inflate(bytes: Uint8Array, out: Uint8Array<ArrayBuffer>): number {
  try {
    return unzlibSync(bytes, { out }).length;
  } catch (error) {
    throw damaged("TIFF", `a compressed part does not unpack (${(error as Error).message})`);
  }
}

function unpackZstandard(bytes: Uint8Array, out: Uint8Array): number {
  try {
    return decompress(bytes, out).length;
  } catch (error) {
    throw damaged("TIFF", `a compressed part does not unpack (${(error as Error).message})`);
  }
}

/** PackBits: a length byte, then literal bytes or one byte that repeats. */
export function unpackBits(bytes: Uint8Array, out: Uint8Array): number {
  let from = 0;
  let to = 0;
  while (from < bytes.length && to < out.length) {
    const head = bytes[from++] as number;
    if (head < 128) {
      const count = Math.min(head + 1, out.length - to, bytes.length - from);
      out.set(bytes.subarray(from, from + count), to);
      from += head + 1;
      to += count;
    } else if (head > 128) {
      if (from >= bytes.length) break;
      const end = Math.min(to + 257 - head, out.length);
      out.fill(bytes[from++] as number, to, end);
      to = end;
    }
  }
  return to;
}

const CLEAR = 256;
const END = 257;

/** LZW with the most significant bit first, whose codes grow one early, as TIFF 6.0 has it. */
export function unpackLzw(bytes: Uint8Array, out: Uint8Array): number {
  if (bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1) {
    throw unsupported("TIFF", "the LZW compression of TIFF 5.0");
  }
  const prefix = new Uint16Array(4096);
  const suffix = new Uint8Array(4096);
  const lengths = new Uint16Array(4096);
  for (let code = 0; code < 256; code++) {
    suffix[code] = code;
    lengths[code] = 1;
  }
  let next = 258;
  let width = 9;
  let previous = -1;
  let bits = 0;
  let bitCount = 0;
  let from = 0;
  let to = 0;
  while (to < out.length) {
    while (bitCount < width) {
      if (from >= bytes.length) return to;
      bits = ((bits << 8) | (bytes[from++] as number)) & 0xffffff;
      bitCount += 8;
    }
    const code = (bits >> (bitCount - width)) & ((1 << width) - 1);
    bitCount -= width;
    if (code === END) break;
    if (code === CLEAR) {
      next = 258;
      width = 9;
      previous = -1;
      continue;
    }
    if (previous < 0 ? code > 255 : code > next || (code === next && next > 4095)) {
      throw damaged("TIFF", "an LZW part does not unpack");
    }
    // The code that is not in the table yet stands for the previous text and its own first byte.
    const unknown = code === next;
    const base = unknown ? previous : code;
    const baseLength = lengths[base] as number;
    const length = baseLength + (unknown ? 1 : 0);
    let walk = base;
    let at = to + baseLength - 1;
    while (walk > 257) {
      if (at < out.length) out[at] = suffix[walk] as number;
      walk = prefix[walk] as number;
      at -= 1;
    }
    const first = suffix[walk] as number;
    if (at < out.length) out[at] = first;
    if (unknown && to + baseLength < out.length) out[to + baseLength] = first;
    to = Math.min(to + length, out.length);
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous;
      suffix[next] = first;
      lengths[next] = (lengths[previous] as number) + 1;
      next += 1;
      if (next + 1 >= 1 << width && width < 12) width += 1;
    }
    previous = code;
  }
  return to;
}

type IntArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** Predictor 2: every sample was stored as the difference to the one on its left; in place. */
export function undoDifferences(data: IntArray, rowLength: number, samples: number): void {
  for (let start = 0; start + rowLength <= data.length; start += rowLength) {
    for (let i = start + samples; i < start + rowLength; i++) {
      data[i] = (data[i] as number) + (data[i - samples] as number);
    }
  }
}

/** Predictor 3: bytes of floating point rows, sorted by significance and stored as differences. */
export function undoFloatDifferences(
  bytes: Uint8Array,
  rowBytes: number,
  samples: number,
  size: number,
): void {
  const row = new Uint8Array(rowBytes);
  const count = rowBytes / size;
  for (let start = 0; start + rowBytes <= bytes.length; start += rowBytes) {
    for (let i = start + samples; i < start + rowBytes; i++) {
      bytes[i] = (bytes[i] as number) + (bytes[i - samples] as number);
    }
    row.set(bytes.subarray(start, start + rowBytes));
    for (let value = 0; value < count; value++) {
      for (let byte = 0; byte < size; byte++) {
        bytes[start + value * size + byte] = row[(size - 1 - byte) * count + value] as number;
      }
    }
  }
}

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit;
  return out;
});

export function reverseBits(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (byte) => REVERSED[byte] as number);
}
