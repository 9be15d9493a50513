/** Reads PNG files of every kind with all their bits: grey, RGB, palette, alpha, 1 to 16 bits, interlaced. */
import { unzlibSync } from "fflate";
import { type DecodedImage, dropOpaqueAlpha } from "./decoded";
import { damaged } from "./errors";
import { checkRatio, checkSize } from "./limits";

interface Header {
  width: number;
  height: number;
  depth: number;
  color: number;
  interlaced: boolean;
}

interface Chunks {
  header: Header;
  palette: Uint8Array;
  transparency: Uint8Array | null;
  data: Uint8Array[];
}

const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
const COLOR_NAMES: Record<number, string> = {
  0: "grey",
  2: "RGB",
  3: "palette",
  4: "grey with alpha",
  6: "RGBA",
};

export function readPng(bytes: Uint8Array): DecodedImage {
  const { header, palette, transparency, data } = readChunks(bytes);
  const samples = unpack(header, data);
  const info = { Format: "PNG", "Bit depth": `${header.depth} (${COLOR_NAMES[header.color]})` };
  const { width, height } = header;
  if (header.color === 3) return paletteImage(header, samples, palette, transparency, info);
  if (header.color === 0 && transparency === null) {
    return { ...typed(scaled(samples, header.depth)), shape: [height, width], axes: "YX", info };
  }
  if (header.color === 2 && transparency === null) {
    return { ...typed(samples), shape: [height, width, 3], axes: "YXS", info };
  }
  return alphaImage(header, samples, transparency, info);
}

// ---- chunks ---------------------------------------------------------------------------------

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | null = null;
  let palette: Uint8Array = new Uint8Array(0);
  let transparency: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let offset = 8; ; ) {
    if (offset + 12 > bytes.length) throw damaged("PNG", "its end is missing");
    const length = view.getUint32(offset);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const body = bytes.subarray(offset + 8, offset + 8 + length);
    if (offset + 12 + length > bytes.length) throw damaged("PNG", "its end is missing");
    const wanted = ["IHDR", "PLTE", "tRNS", "IDAT"].includes(type);
    if (wanted && crc32(bytes, offset + 4, length + 4) !== view.getUint32(offset + 8 + length)) {
      throw damaged("PNG", `the checksum of its part ${type} is wrong`);
    }
    if (type === "IHDR") header = readHeader(body);
    else if (type === "PLTE") palette = body;
    else if (type === "tRNS") transparency = body;
    else if (type === "IDAT") data.push(body);
    else if (type === "IEND") break;
    offset += 12 + length;
  }
  if (header === null || data.length === 0) throw damaged("PNG", "it has no pixels");
  return { header, palette, transparency, data };
}

function readHeader(body: Uint8Array): Header {
  if (body.length < 13) throw damaged("PNG", "its header is too short");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [depth, color, , , interlace] = body.subarray(8, 13) as unknown as number[];
  const header = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: depth as number,
    color: color as number,
    interlaced: interlace === 1,
  };
  if (!DEPTHS[header.color]?.includes(header.depth)) {
    throw damaged("PNG", `colour type ${header.color} with ${header.depth} bits does not exist`);
  }
  const samples = header.color === 3 ? 4 : (SAMPLES[header.color] as number);
  checkSize("PNG", [header.height, header.width, samples], header.depth === 16 ? 2 : 1);
  return header;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array, start: number, length: number): number {
  let crc = 0xffffffff;
  for (let index = start; index < start + length; index++) {
    crc = (CRC_TABLE[(crc ^ (bytes[index] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

// ---- pixels ---------------------------------------------------------------------------------

interface Pass {
  x: number;
  y: number;
  stepX: number;
  stepY: number;
}

const ADAM7: Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

/** Raw samples, [height, width, samples], not scaled. */
function unpack(header: Header, data: Uint8Array[]): Uint8Array | Uint16Array {
  const samples = SAMPLES[header.color] as number;
  const passes = header.interlaced ? ADAM7 : [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
  const sizes = passes.map((pass) => {
    const width = Math.ceil((header.width - pass.x) / pass.stepX);
    const height = Math.ceil((header.height - pass.y) / pass.stepY);
    return { width, height, row: Math.ceil((width * samples * header.depth) / 8) };
  });
  const expected = sizes.reduce(
    (sum, { width, height, row }) => sum + (width > 0 ? height * (row + 1) : 0),
    0,
  );
  const filtered = inflate(data, expected);
  const length = header.width * header.height * samples;
  const out = header.depth === 16 ? new Uint16Array(length) : new Uint8Array(length);
  const pixelBytes = Math.max(1, (samples * header.depth) >> 3);
  let offset = 0;
  passes.forEach((pass, index) => {
    const size = sizes[index] as (typeof sizes)[number];
    if (size.width <= 0 || size.height <= 0) return;
    unfilter(filtered, offset, size.row, size.height, pixelBytes);
    place(filtered, offset, size, pass, header, samples, out);
    offset += size.height * (size.row + 1);
  });
  return out;
}

function inflate(parts: Uint8Array[], expected: number): Uint8Array {
  const stored = parts.reduce((sum, part) => sum + part.length, 0);
  checkRatio("PNG", expected, stored, 1040);
  const joined = new Uint8Array(stored);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  let result: Uint8Array;
  try {
    result = unzlibSync(joined, { out: new Uint8Array(expected) });
  } catch (error) {
    throw damaged("PNG", `its pixels do not unpack (${(error as Error).message})`);
  }
  if (result.length < expected) throw damaged("PNG", "pixels are missing at its end");
  return result;
}

/** Undoes the filters of the rows in place; each row begins with the number of its filter. */
function unfilter(bytes: Uint8Array, start: number, row: number, rows: number, bpp: number): void {
  for (let y = 0; y < rows; y++) {
    const at = start + y * (row + 1) + 1;
    const filter = bytes[at - 1] as number;
    const up = at - row - 1;
    const hasUp = y > 0;
    if (filter > 4) throw damaged("PNG", `row filter ${filter} does not exist`);
    if (filter === 0) continue;
    for (let i = 0; i < row; i++) {
      const a = i >= bpp ? (bytes[at + i - bpp] as number) : 0;
      const b = hasUp ? (bytes[up + i] as number) : 0;
      const c = hasUp && i >= bpp ? (bytes[up + i - bpp] as number) : 0;
      const guess =
        filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
      bytes[at + i] = ((bytes[at + i] as number) + guess) & 0xff;
    }
  }
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const pa = Math.abs(p - a);
  const pb = Math.abs(p - b);
  const pc = Math.abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function place(
  bytes: Uint8Array,
  start: number,
  size: { width: number; height: number; row: number },
  pass: Pass,
  header: Header,
  samples: number,
  out: Uint8Array | Uint16Array,
): void {
  const { depth, width } = header;
  const mask = (1 << depth) - 1;
  for (let y = 0; y < size.height; y++) {
    const at = start + y * (size.row + 1) + 1;
    const line = (pass.y + y * pass.stepY) * width;
    if (depth === 8 && pass.stepX === 1) {
      out.set(bytes.subarray(at, at + size.row), line * samples);
      continue;
    }
    for (let x = 0; x < size.width; x++) {
      const to = (line + pass.x + x * pass.stepX) * samples;
      for (let s = 0; s < samples; s++) {
        const n = x * samples + s;
        if (depth === 16) {
          out[to + s] = ((bytes[at + 2 * n] as number) << 8) | (bytes[at + 2 * n + 1] as number);
        } else if (depth === 8) {
          out[to + s] = bytes[at + n] as number;
        } else {
          const bit = n * depth;
          out[to + s] = ((bytes[at + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & mask;
        }
      }
    }
  }
}

// ---- colours --------------------------------------------------------------------------------

function typed(data: Uint8Array | Uint16Array): Pick<DecodedImage, "data" | "dtype"> {
  return { data, dtype: data instanceof Uint16Array ? "uint16" : "uint8" };
}

/** 1, 2 and 4 bit grey as 0..255. */
function scaled(samples: Uint8Array | Uint16Array, depth: number): Uint8Array | Uint16Array {
  if (depth < 8) {
    const factor = 255 / ((1 << depth) - 1);
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) * factor;
  }
  return samples;
}

function paletteImage(
  header: Header,
  indexes: Uint8Array | Uint16Array,
  palette: Uint8Array,
  alpha: Uint8Array | null,
  info: Record<string, string>,
): DecodedImage {
  const rgba = new Uint8Array(indexes.length * 4);
  let grey = true;
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number;
    if (3 * index + 2 >= palette.length)
      throw damaged("PNG", `colour ${index} is not in its palette`);
    const [r, g, b] = palette.subarray(3 * index, 3 * index + 3) as unknown as [
      number,
      number,
      number,
    ];
    rgba[4 * i] = r;
    rgba[4 * i + 1] = g;
    rgba[4 * i + 2] = b;
    rgba[4 * i + 3] = alpha?.[index] ?? 255;
    grey = grey && r === g && g === b;
  }
  const { data, samples } = dropOpaqueAlpha(rgba, 255);
  const { width, height } = header;
  if (grey && samples === 3) {
    return { ...typed(every(data, 3)), shape: [height, width], axes: "YX", info };
  }
  return { ...typed(data), shape: [height, width, samples], axes: "YXS", info };
}

function every(data: Uint8Array, step: number): Uint8Array {
  const out = new Uint8Array(data.length / step);
  for (let i = 0; i < out.length; i++) out[i] = data[i * step] as number;
  return out;
}

/** Grey or RGB, with an alpha channel or with one colour that means transparent. */
function alphaImage(
  header: Header,
  raw: Uint8Array | Uint16Array,
  transparency: Uint8Array | null,
  info: Record<string, string>,
): DecodedImage {
  const step = SAMPLES[header.color] as number;
  const opaque = header.depth === 16 ? 65_535 : 255;
  const key = transparency && keyColor(transparency, Math.min(step, 3));
  const pixels = header.width * header.height;
  const grey = step <= 2;
  const hasAlpha = step === 2 || step === 4;
  const alphaOf = (i: number): number => {
    if (hasAlpha) return raw[i * step + step - 1] as number;
    return key?.every((value, s) => raw[i * step + s] === value) ? 0 : opaque;
  };
  const rgba = header.depth === 16 ? new Uint16Array(pixels * 4) : new Uint8Array(pixels * 4);
  const factor = header.depth < 8 ? 255 / ((1 << header.depth) - 1) : 1;
  for (let i = 0; i < pixels; i++) {
    for (let s = 0; s < 3; s++)
      rgba[4 * i + s] = (raw[i * step + (grey ? 0 : s)] as number) * factor;
    rgba[4 * i + 3] = alphaOf(i);
  }
  const { data, samples } = dropOpaqueAlpha(rgba, opaque);
  const { width, height } = header;
  if (grey && samples === 3) {
    const plane = data.filter((_, index) => index % 3 === 0);
    return { ...typed(plane), shape: [height, width], axes: "YX", info };
  }
  return { ...typed(data), shape: [height, width, samples], axes: "YXS", info };
}

function keyColor(transparency: Uint8Array, samples: number): number[] | null {
  if (transparency.length < samples * 2) return null;
  const view = new DataView(transparency.buffer, transparency.byteOffset, transparency.byteLength);
  return Array.from({ length: samples }, (_, s) => view.getUint16(2 * s));
}
