/** Reads the directories of a TIFF or BigTIFF file: one `Page` for each image in it. */
import type { ByteSource } from "../byte-source";
import { damaged } from "../errors";

export interface Page {
  width: number;
  height: number;
  /** Bits of one sample. */
  bits: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  sampleFormat: number;
  samples: number;
  /** Samples are stored in planes, not next to each other. */
  planar: boolean;
  photometric: number;
  compression: number;
  predictor: number;
  /** Least significant bit first. */
  reversedBits: boolean;
  tiled: boolean;
  /** Size of a strip or tile. */
  segmentWidth: number;
  segmentHeight: number;
  offsets: number[];
  counts: number[];
  colorMap: number[];
  /** What the JPEG pictures of the page share; empty when they are whole. */
  jpegTables: number[];
  description: string;
  /** A smaller copy of another page. */
  reduced: boolean;
  resolution: [number, number];
  resolutionUnit: number;
}

export interface TiffFile {
  littleEndian: boolean;
  big: boolean;
  pages: Page[];
}

const TYPE_SIZES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const TAGS = new Set([
  254, 256, 257, 258, 259, 262, 266, 270, 273, 277, 278, 279, 282, 283, 284, 296, 317, 320, 322,
  323, 324, 325, 338, 339, 347,
]);
const MAX_PAGES = 1_000_000;
const MAX_ENTRIES = 4096;

type Tags = Map<number, number[] | string>;

/** Raises data.unreadable when the header or a directory makes no sense. */
export async function readDirectories(source: ByteSource): Promise<TiffFile> {
  const head = await source.read(0, Math.min(16, source.size));
  if (head.length < 8) throw damaged("TIFF", "its header is missing");
  const littleEndian = head[0] === 0x49;
  const view = viewOf(head);
  const big = view.getUint16(2, littleEndian) === 43;
  if (big && head.length < 16) throw damaged("TIFF", "its header is missing");
  const reader = new DirectoryReader(source, littleEndian, big);
  const pages: Page[] = [];
  const seen = new Set<number>();
  let offset = big ? Number(view.getBigUint64(8, littleEndian)) : view.getUint32(4, littleEndian);
  while (offset !== 0) {
    if (seen.has(offset)) throw damaged("TIFF", "its list of pages goes round in a circle");
    if (seen.size >= MAX_PAGES) throw damaged("TIFF", `it has more than ${MAX_PAGES} pages`);
    seen.add(offset);
    const { tags, next } = await reader.read(offset, pages.length === 0);
    pages.push(toPage(tags));
    offset = next;
  }
  if (pages.length === 0) throw damaged("TIFF", "it has no pages");
  return { littleEndian, big, pages };
}

class DirectoryReader {
  constructor(
    private readonly source: ByteSource,
    private readonly littleEndian: boolean,
    private readonly big: boolean,
  ) {}

  async read(offset: number, withText: boolean): Promise<{ tags: Tags; next: number }> {
    const { big, littleEndian, source } = this;
    const countSize = big ? 8 : 2;
    const entrySize = big ? 20 : 12;
    const countView = viewOf(await source.read(offset, countSize));
    const count = big
      ? Number(countView.getBigUint64(0, littleEndian))
      : countView.getUint16(0, littleEndian);
    if (count === 0 || count > MAX_ENTRIES) {
      throw damaged("TIFF", `a page has ${count} entries in its directory`);
    }
    const size = count * entrySize + (big ? 8 : 4);
    // A copy, because reading the values may replace the block that it is a part of.
    const view = viewOf((await source.read(offset + countSize, size)).slice());
    const tags: Tags = new Map();
    for (let entry = 0; entry < count; entry++) {
      const at = entry * entrySize;
      const tag = view.getUint16(at, littleEndian);
      if (!TAGS.has(tag) || (tag === 270 && !withText)) continue;
      tags.set(tag, await this.value(view, at));
    }
    const next = big
      ? Number(view.getBigUint64(size - 8, littleEndian))
      : view.getUint32(size - 4, littleEndian);
    return { tags, next };
  }

  private async value(view: DataView, at: number): Promise<number[] | string> {
    const { big, littleEndian } = this;
    const type = view.getUint16(at + 2, littleEndian);
    const count = big
      ? Number(view.getBigUint64(at + 4, littleEndian))
      : view.getUint32(at + 4, littleEndian);
    const size = (TYPE_SIZES[type] ?? 0) * count;
    const inline = at + (big ? 12 : 8);
    if (size <= (big ? 8 : 4)) return numbers(view, inline, type, count, littleEndian);
    const offset = big
      ? Number(view.getBigUint64(inline, littleEndian))
      : view.getUint32(inline, littleEndian);
    const bytes = await this.source.read(offset, size);
    return numbers(viewOf(bytes), 0, type, count, littleEndian);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function numbers(
  view: DataView,
  start: number,
  type: number,
  count: number,
  little: boolean,
): number[] | string {
  if (type === 2) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + start, count);
    const end = bytes.indexOf(0);
    return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
  }
  const size = TYPE_SIZES[type];
  if (size === undefined) return [];
  const read = READERS[type] ?? ((at: number) => view.getUint8(at));
  return Array.from({ length: count }, (_, index) => read(start + index * size, view, little));
}

const READERS: Record<number, (at: number, view: DataView, little: boolean) => number> = {
  1: (at, view) => view.getUint8(at),
  3: (at, view, little) => view.getUint16(at, little),
  4: (at, view, little) => view.getUint32(at, little),
  5: (at, view, little) => view.getUint32(at, little) / view.getUint32(at + 4, little),
  6: (at, view) => view.getInt8(at),
  7: (at, view) => view.getUint8(at),
  8: (at, view, little) => view.getInt16(at, little),
  9: (at, view, little) => view.getInt32(at, little),
  10: (at, view, little) => view.getInt32(at, little) / view.getInt32(at + 4, little),
  11: (at, view, little) => view.getFloat32(at, little),
  12: (at, view, little) => view.getFloat64(at, little),
  13: (at, view, little) => view.getUint32(at, little),
  16: (at, view, little) => Number(view.getBigUint64(at, little)),
  17: (at, view, little) => Number(view.getBigInt64(at, little)),
  18: (at, view, little) => Number(view.getBigUint64(at, little)),
};

/** OME-XML is UTF-8; older programs write Latin-1. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

function toPage(tags: Tags): Page {
  const list = (tag: number): number[] => {
    const value = tags.get(tag);
    return Array.isArray(value) ? value : [];
  };
  const one = (tag: number, missing: number): number => list(tag)[0] ?? missing;
  const width = one(256, 0);
  const height = one(257, 0);
  if (width < 1 || height < 1) throw damaged("TIFF", "a page has no width or no height");
  const bits = list(258);
  if (new Set(bits).size > 1) throw damaged("TIFF", `its samples have ${bits.join(", ")} bits`);
  const tiled = tags.has(324);
  const description = tags.get(270);
  return {
    width,
    height,
    bits: bits[0] ?? 1,
    sampleFormat: one(339, 1),
    samples: one(277, 1),
    planar: one(284, 1) === 2,
    photometric: one(262, 1),
    compression: one(259, 1),
    predictor: one(317, 1),
    reversedBits: one(266, 1) === 2,
    tiled,
    segmentWidth: tiled ? one(322, width) : width,
    segmentHeight: tiled ? one(323, height) : Math.max(1, Math.min(one(278, height), height)),
    offsets: tiled ? list(324) : list(273),
    counts: tiled ? list(325) : list(279),
    colorMap: list(320),
    jpegTables: list(347),
    description: typeof description === "string" ? description : "",
    reduced: (one(254, 0) & 1) === 1,
    resolution: [one(282, 0), one(283, 0)],
    resolutionUnit: one(296, 2),
  };
}
