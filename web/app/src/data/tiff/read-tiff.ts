/** Reads TIFF files: every page that belongs to the image, in one array with named axes. */
import type { TypedArray } from "@imjoy/rpc";
import type { ByteSource } from "../byte-source";
import { type DecodedImage, dropOpaqueAlpha } from "../decoded";
import { DataError, damaged, unsupported } from "../errors";
import { checkRatio, checkSize } from "../limits";
import { compressionOf } from "./codecs";
import { type Page, readDirectories, type TiffFile } from "./directory";
import { checkJpeg, JPEG } from "./jpeg";
import { type Layout, readPixels, sampleType, storedBytes } from "./pixels";
import { alike, findSeries, imagejPlanes, type Series } from "./series";

const RGB = 2;
const PALETTE = 3;
const WHITE_IS_ZERO = 0;
const YCBCR = 6;

export async function readTiff(source: ByteSource): Promise<DecodedImage> {
  const file = await readDirectories(source);
  const pages = withHiddenPlanes(file, source.size);
  const series = findSeries(pages);
  const page = pages[series.pages[0] as number] as Page;
  const compression = compressionOf(page.compression);
  if (page.compression === JPEG) checkJpeg(page);
  else if (page.photometric === YCBCR) throw unsupported("TIFF", "YCbCr colours");
  const type = sampleType(page);
  // The decoder of JPEG gives YCbCr as red, green and blue.
  const rgb = page.photometric === RGB || page.photometric === YCBCR;
  const color = rgb && (page.samples === 3 || page.samples === 4);
  const palette = page.photometric === PALETTE && page.samples === 1 && !series.keepIndexes;
  const { axes, shape } = shapeOf(page, series, color);
  checkSize("TIFF", palette ? [...shape, 3] : shape, type.Maker.BYTES_PER_ELEMENT);
  checkPages(pages, series, page, compression.ratio);
  const data = await readAll(source, file, pages, series, type.Maker, color);
  const image: DecodedImage = {
    data,
    dtype: type.dtype,
    shape,
    axes,
    info: {
      ...series.info,
      Format: file.big ? `${series.info.Format} (BigTIFF)` : (series.info.Format as string),
      "Bit depth": `${page.bits} (${color ? "RGB" : kindOf(type.dtype)})`,
      Compression: compression.name,
    },
  };
  const names = channelNames(series, axes, shape);
  if (names) image.channelNames = names;
  return finish(image, page, palette);
}

function kindOf(dtype: string): string {
  if (dtype.startsWith("float")) return "floating point";
  return dtype.startsWith("u") ? "unsigned" : "signed";
}

/** ImageJ writes stacks of more than 4 GB as one page, with the other planes right behind its pixels. */
function withHiddenPlanes(file: TiffFile, size: number): Page[] {
  const first = file.pages[0] as Page;
  const planes = imagejPlanes(first.description);
  if (file.pages.length !== 1 || planes < 2 || first.compression !== 1) return file.pages;
  const bytes = (first.width * first.height * first.samples * first.bits) / 8;
  const start = first.offsets[0] ?? 0;
  if (start + planes * bytes > size) {
    throw damaged("TIFF", `it should hold ${planes} planes, but some of them are missing`);
  }
  return Array.from({ length: planes }, (_, index) => ({
    ...first,
    tiled: false,
    segmentHeight: first.height,
    segmentWidth: first.width,
    offsets: [start + index * bytes],
    counts: [bytes],
  }));
}

function shapeOf(page: Page, series: Series, color: boolean): { axes: string; shape: number[] } {
  const axes = [...series.axes];
  const shape = [...series.lengths];
  if (color)
    return { axes: `${series.axes}YXS`, shape: [...shape, page.height, page.width, page.samples] };
  if (page.samples > 1) {
    // The samples of a page are its channels; they join the channels that the pages have.
    if (axes.at(-1) === "C") shape[shape.length - 1] = (shape.at(-1) as number) * page.samples;
    else if (axes.includes("C")) throw unsupported("TIFF", "channels both in pages and in pixels");
    else {
      axes.push("C");
      shape.push(page.samples);
    }
  }
  return { axes: `${axes.join("")}YX`, shape: [...shape, page.height, page.width] };
}

function channelNames(series: Series, axes: string, shape: number[]): string[] | undefined {
  const channels = axes.includes("C") ? (shape[axes.indexOf("C")] as number) : 1;
  const names = series.channelNames;
  return names.length === channels && names.some((name) => name !== "") ? names : undefined;
}

function checkPages(pages: readonly Page[], series: Series, first: Page, ratio: number): void {
  let stored = 0;
  for (const index of series.pages) {
    const page = pages[index] as Page;
    if (!alike({ ...page, reduced: false }, first)) {
      throw new DataError(
        "Reading the TIFF file",
        `Its pages have different sizes or types (${first.width} x ${first.height} and ${page.width} x ${page.height}).`,
        "Save the pages as separate files and open those.",
      );
    }
    if (page.compression !== first.compression) compressionOf(page.compression);
    stored += page.counts.length ? storedBytes(page) : Number.POSITIVE_INFINITY;
  }
  const bytes = (first.width * first.height * first.samples * first.bits) / 8;
  if (ratio > 1) checkRatio("TIFF", bytes * series.pages.length, stored, ratio);
}

async function readAll(
  source: ByteSource,
  file: TiffFile,
  pages: readonly Page[],
  series: Series,
  Maker: new (length: number) => TypedArray,
  color: boolean,
): Promise<TypedArray> {
  const first = pages[series.pages[0] as number] as Page;
  const planeSize = first.width * first.height * first.samples;
  const layout: Layout = color ? "interleaved" : "planes";
  // The pixels have to be there before memory is taken for them.
  for (const index of series.pages) checkPresent(pages[index] as Page, source.size);
  const data = allocate(Maker, planeSize * series.pages.length);
  for (const [position, index] of series.pages.entries()) {
    const page = pages[index] as Page;
    await readPixels(source, page, file.littleEndian, data, position * planeSize, layout);
  }
  return data;
}

function checkPresent(page: Page, size: number): void {
  const last = page.offsets.reduce(
    (end, offset, index) =>
      Math.max(end, offset + (page.compression === 1 ? 1 : (page.counts[index] ?? 0))),
    0,
  );
  if (last > size) {
    throw damaged("TIFF", `pixels up to byte ${last} are missing, the file ends at ${size}`);
  }
  const stored = storedBytes(page);
  const bytes = (page.width * page.height * page.samples * page.bits) / 8;
  if (page.compression === 1 && bytes > Math.max(size, stored)) {
    throw damaged("TIFF", `its pixels need ${Math.ceil(bytes)} bytes, the file has ${size}`);
  }
}

function allocate(Maker: new (length: number) => TypedArray, length: number): TypedArray {
  try {
    return new Maker(length);
  } catch {
    throw new DataError(
      "Reading the TIFF file",
      `There is no memory for its ${length} values.`,
      "Close other images and try again, or open a smaller part.",
    );
  }
}

/** Colours from a palette, black and white the right way round, no alpha that hides nothing. */
function finish(image: DecodedImage, page: Page, palette: boolean): DecodedImage {
  if (palette) return applyPalette(image, page);
  const unsigned = image.data instanceof Uint8Array || image.data instanceof Uint16Array;
  if (page.bits < 8 && image.data instanceof Uint8Array) {
    const factor = 255 / (2 ** page.bits - 1);
    for (let i = 0; i < image.data.length; i++) image.data[i] = (image.data[i] as number) * factor;
  }
  if (page.photometric === WHITE_IS_ZERO && unsigned) {
    const data = image.data as Uint8Array | Uint16Array;
    const top = page.bits <= 8 ? 255 : 2 ** page.bits - 1;
    for (let i = 0; i < data.length; i++) data[i] = top - (data[i] as number);
    image.info.Values = "inverted, as white is stored as zero";
  }
  if (image.axes.endsWith("S") && image.shape.at(-1) === 4 && unsigned) {
    const data = image.data as Uint8Array | Uint16Array;
    const { data: kept, samples } = dropOpaqueAlpha(data, page.bits === 16 ? 65_535 : 255);
    return { ...image, data: kept, shape: [...image.shape.slice(0, -1), samples] };
  }
  return image;
}

function applyPalette(image: DecodedImage, page: Page): DecodedImage {
  const indexes = image.data as Uint8Array | Uint16Array;
  const size = 2 ** page.bits;
  const map = page.colorMap;
  if (map.length < 3 * size) throw damaged("TIFF", "its palette is too short");
  // Colours have 16 bits, but some programs write 8.
  const shift = map.some((value) => value > 255) ? 8 : 0;
  const rgb = new Uint8Array(indexes.length * 3);
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number;
    for (let s = 0; s < 3; s++) rgb[3 * i + s] = (map[index + s * size] as number) >> shift;
  }
  return {
    ...image,
    data: rgb,
    dtype: "uint8",
    shape: [...image.shape, 3],
    axes: `${image.axes}S`,
    info: { ...image.info, "Bit depth": `${page.bits} (palette)` },
  };
}
