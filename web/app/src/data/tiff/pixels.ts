/** Turns the strips or tiles of one page into samples, written straight into their place in the final array. */
import type { TypedArray } from "@imjoy/rpc";
import type { ByteSource } from "../byte-source";
import { damaged, unsupported } from "../errors";
import { float16ToFloat32, swapBytes } from "../numbers";
import {
  compressionOf,
  reverseBits,
  undoDifferences,
  undoFloatDifferences,
  unpack,
} from "./codecs";
import type { Page } from "./directory";
import { JPEG, unpackJpeg } from "./jpeg";

type Maker = {
  new (length: number): TypedArray;
  new (buffer: ArrayBuffer, offset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** How samples look in memory. */
export interface SampleType {
  dtype: string;
  Maker: Maker;
}

/** Samples one after the other ("interleaved": Y X S) or one plane after the other ("planes": C Y X). */
export type Layout = "interleaved" | "planes";

/** Raises data.unreadable for kinds of numbers that are not read. */
export function sampleType(page: Page): SampleType {
  const { bits, sampleFormat } = page;
  if (sampleFormat === 3) {
    if (bits === 16 || bits === 32) return { dtype: "float32", Maker: Float32Array };
    if (bits === 64) return { dtype: "float64", Maker: Float64Array };
  } else if (sampleFormat === 2) {
    if (bits === 8) return { dtype: "int8", Maker: Int8Array };
    if (bits === 16) return { dtype: "int16", Maker: Int16Array };
    if (bits === 32) return { dtype: "int32", Maker: Int32Array };
    if (bits === 64) return { dtype: "int64", Maker: BigInt64Array };
  } else if (sampleFormat === 1 || sampleFormat === 4) {
    if (bits <= 8) return { dtype: "uint8", Maker: Uint8Array };
    if (bits <= 16) return { dtype: "uint16", Maker: Uint16Array };
    if (bits === 32) return { dtype: "uint32", Maker: Uint32Array };
    if (bits === 64) return { dtype: "uint64", Maker: BigUint64Array };
  }
  const kind = [
    "",
    "integers",
    "signed integers",
    "floating point numbers",
    "numbers",
    "complex integers",
    "complex numbers",
  ];
  throw unsupported("TIFF", `${bits}-bit ${kind[sampleFormat] ?? "numbers"}`);
}

/** Reads `page` into `target` from element `start` on. */
export async function readPixels(
  source: ByteSource,
  page: Page,
  littleEndian: boolean,
  target: TypedArray,
  start: number,
  layout: Layout,
): Promise<void> {
  checkPredictor(page);
  const across = Math.ceil(page.width / page.segmentWidth);
  const down = Math.ceil(page.height / page.segmentHeight);
  const planes = page.planar ? page.samples : 1;
  const count = across * down * planes;
  if (page.offsets.length < count) {
    throw damaged("TIFF", `a page has ${page.offsets.length} of ${count} strips or tiles`);
  }
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const plane = Math.floor(index / (across * down));
    const inPlane = index % (across * down);
    const y = Math.floor(inPlane / across) * page.segmentHeight;
    // The last strip holds only the rows that are left; tiles are always whole.
    const rows = page.tiled ? page.segmentHeight : Math.min(page.segmentHeight, page.height - y);
    segments.push({ index, plane, x: (inPlane % across) * page.segmentWidth, y, rows });
  }
  const fetchBytes = await segmentReader(source, page, segments);
  for (const segment of segments) {
    const bytes = await fetchBytes(segment);
    const samples =
      page.compression === JPEG
        ? await unpackJpeg(page, bytes, segment.rows)
        : decodeSegment(page, bytes, segment.rows, littleEndian);
    place(page, segment, samples, target, start, layout);
  }
}

interface Segment {
  index: number;
  plane: number;
  x: number;
  y: number;
  rows: number;
}

function checkPredictor(page: Page): void {
  const { predictor, sampleFormat, bits, compression } = page;
  if (compression === JPEG) return; // it has a prediction of its own
  const integers = sampleFormat !== 3 && [8, 16, 32].includes(bits);
  const fine =
    predictor === 1 || (predictor === 2 && integers) || (predictor === 3 && sampleFormat === 3);
  if (!fine) throw unsupported("TIFF", `predictor ${predictor} with ${bits}-bit numbers`);
}

function samplesPerPixel(page: Page): number {
  return page.planar ? 1 : page.samples;
}

function rowBytes(page: Page): number {
  return Math.ceil((page.segmentWidth * samplesPerPixel(page) * page.bits) / 8);
}

/** One read for the whole page where its parts lie together, else one for each part. */
async function segmentReader(
  source: ByteSource,
  page: Page,
  segments: Segment[],
): Promise<(segment: Segment) => Promise<Uint8Array<ArrayBuffer>>> {
  const spans = segments.map(({ index, rows }) => {
    const offset = page.offsets[index] as number;
    const stored = page.counts[index];
    const length =
      page.compression === 1
        ? rowBytes(page) * rows
        : (stored ?? (segments.length === 1 ? source.size - offset : 0));
    if (offset + length > source.size) {
      throw damaged(
        "TIFF",
        `pixels from byte ${offset} on are missing, the file ends at ${source.size}`,
      );
    }
    return { offset, length };
  });
  const first = spans.reduce((low, span) => Math.min(low, span.offset), source.size);
  const last = spans.reduce((high, span) => Math.max(high, span.offset + span.length), 0);
  const total = spans.reduce((sum, span) => sum + span.length, 0);
  if (last - first > total * 1.25 + 65_536) {
    return ({ index }) => {
      const span = spans[index] as { offset: number; length: number };
      return source.read(span.offset, span.length);
    };
  }
  const block = await source.read(first, Math.max(0, last - first));
  return async ({ index }) => {
    const span = spans[index] as { offset: number; length: number };
    return block.subarray(span.offset - first, span.offset - first + span.length);
  };
}

/** All samples of a strip or tile, in the byte order of the machine. */
function decodeSegment(
  page: Page,
  packed: Uint8Array<ArrayBuffer>,
  rows: number,
  littleEndian: boolean,
): TypedArray {
  const { bits, compression, predictor } = page;
  const raw = page.reversedBits ? reverseBits(packed) : packed;
  const row = rowBytes(page);
  let bytes = unpack(raw, compression, row * rows);
  const columns = page.segmentWidth * samplesPerPixel(page);
  if (![8, 16, 32, 64].includes(bits)) return unpackSmall(bytes, row, rows, columns, bits);
  const size = bits / 8;
  const changes = (size > 1 && !littleEndian) || predictor !== 1;
  if (compression === 1 && (changes || bytes.byteOffset % size !== 0)) bytes = bytes.slice();
  if (predictor === 3) {
    undoFloatDifferences(bytes, row, samplesPerPixel(page), size);
  } else if (size > 1 && !littleEndian) {
    swapBytes(bytes, size);
  }
  const Maker = bits === 16 && page.sampleFormat === 3 ? Uint16Array : sampleType(page).Maker;
  const samples = new Maker(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
  if (predictor === 2) {
    undoDifferences(samples as Uint16Array, columns, samplesPerPixel(page));
  }
  return bits === 16 && page.sampleFormat === 3
    ? float16ToFloat32(samples as Uint16Array)
    : samples;
}

/** Samples of 1 to 15 bits that share bytes; every row begins with a new byte. */
function unpackSmall(
  bytes: Uint8Array,
  row: number,
  rows: number,
  columns: number,
  bits: number,
): Uint8Array | Uint16Array {
  const out = bits <= 8 ? new Uint8Array(columns * rows) : new Uint16Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    let held = 0;
    let heldBits = 0;
    let from = y * row;
    for (let x = 0; x < columns; x++) {
      while (heldBits < bits) {
        held = ((held << 8) | (bytes[from++] as number)) & 0xffffff;
        heldBits += 8;
      }
      heldBits -= bits;
      out[y * columns + x] = (held >> heldBits) & ((1 << bits) - 1);
    }
  }
  return out;
}

function place(
  page: Page,
  segment: Segment,
  samples: TypedArray,
  target: TypedArray,
  start: number,
  layout: Layout,
): void {
  const stored = samplesPerPixel(page);
  const rows = Math.min(segment.rows, page.height - segment.y);
  const columns = Math.min(page.segmentWidth, page.width - segment.x);
  const apart = layout === "planes" && stored > 1;
  const together = layout === "interleaved" && page.planar && page.samples > 1;
  for (let y = 0; y < rows; y++) {
    const from = y * page.segmentWidth * stored;
    const pixel = (segment.y + y) * page.width + segment.x;
    if (apart || together) {
      scatter(page, segment.plane, samples, from, target, start, pixel, columns, apart);
    } else {
      const plane = page.planar ? segment.plane * page.width * page.height : 0;
      const line = samples.subarray(from, from + columns * stored);
      target.set(line as never, start + plane + pixel * stored);
    }
  }
}

/** One row from next-to-each-other into planes (`apart`), or from a plane into next-to-each-other. */
function scatter(
  page: Page,
  plane: number,
  samples: TypedArray,
  from: number,
  target: TypedArray,
  start: number,
  pixel: number,
  columns: number,
  apart: boolean,
): void {
  const size = page.width * page.height;
  const count = page.samples;
  for (let x = 0; x < columns; x++) {
    if (!apart) {
      target[start + (pixel + x) * count + plane] = samples[from + x] as never;
      continue;
    }
    for (let s = 0; s < count; s++) {
      target[start + s * size + pixel + x] = samples[from + x * count + s] as never;
    }
  }
}

/** Bytes that the pixels of a page take in the file, for the plausibility check. */
export function storedBytes(page: Page): number {
  return page.counts.reduce((sum, count) => sum + count, 0);
}

export { compressionOf };
