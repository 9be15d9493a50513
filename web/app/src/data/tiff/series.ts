/** Decides what the pages of a TIFF file are: slices, channels, time points, in which order. */
import type { Page } from "./directory";
import { isOme, type OmeImage, parseOme } from "./ome";

/** An image made of pages: the axes before Y X and which page each of its planes is. */
export interface Series {
  /** "TZC", "Z", "" ... without axes of length 1. */
  axes: string;
  lengths: number[];
  /** Page numbers in C order of `axes`. */
  pages: number[];
  channelNames: string[];
  info: Record<string, string>;
  /** The colours of a palette are only for display; the numbers are measurements. */
  keepIndexes?: boolean;
}

export function findSeries(pages: readonly Page[]): Series {
  const description = pages[0]?.description ?? "";
  if (isOme(description)) {
    const ome = parseOme(description);
    const series = ome && omeSeries(ome, pages);
    if (series) return series;
    const plain = plainSeries(pages);
    plain.info.Note = "Its OME description does not fit its pages; they are shown in file order";
    return plain;
  }
  if (description.startsWith("ImageJ=")) {
    const series = imagejSeries(description, pages);
    if (series) return series;
  }
  return shapedSeries(description, pages) ?? plainSeries(pages);
}

// ---- ImageJ -----------------------------------------------------------------------------------

/** "key=value" lines of the text that ImageJ and Fiji write. */
export function imagejFacts(description: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of description.split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (at > 0) facts.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return facts;
}

/** Number of planes an ImageJ file says it has. */
export function imagejPlanes(description: string): number {
  if (!description.startsWith("ImageJ=")) return 0;
  return count(imagejFacts(description).get("images"));
}

function imagejSeries(description: string, pages: readonly Page[]): Series | null {
  const facts = imagejFacts(description);
  const c = Math.max(1, count(facts.get("channels")));
  let z = Math.max(1, count(facts.get("slices")));
  const t = Math.max(1, count(facts.get("frames")));
  if (c * z * t !== pages.length && c === 1 && t === 1) z = pages.length;
  if (c * z * t !== pages.length) return null;
  const info: Record<string, string> = { Format: "TIFF (ImageJ)" };
  const unit = tidyUnit(facts.get("unit") ?? "");
  const perUnit = pages[0]?.resolution[0] ?? 0;
  if (unit && perUnit > 0 && Number.isFinite(perUnit))
    info["Pixel size"] = `${short(1 / perUnit)} ${unit}`;
  const spacing = Number(facts.get("spacing"));
  if (unit && spacing) info["Slice distance"] = `${short(Math.abs(spacing))} ${unit}`;
  const interval = Number(facts.get("finterval"));
  if (interval > 0) info["Frame interval"] = `${short(interval)} s`;
  // Channels change fastest, then slices, then frames: already C order of T Z C.
  return {
    ...squeeze("TZC", [t, z, c], inOrder(pages.length)),
    channelNames: [],
    info,
    keepIndexes: true,
  };
}

function tidyUnit(unit: string): string {
  const plain = unit.replace(/\\u([0-9a-f]{4})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (/^(micron|microns|um|μm)$/i.test(plain)) return "µm";
  return plain === "pixel" ? "" : plain;
}

function count(text: string | undefined): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

// ---- OME ----------------------------------------------------------------------------------------

function omeSeries(ome: OmeImage, pages: readonly Page[]): Series | null {
  const channels = Math.max(1, Math.round(ome.sizeC / Math.max(1, ome.samplesPerPixel)));
  const sizes: Record<string, number> = { Z: ome.sizeZ, C: channels, T: ome.sizeT };
  const total = ome.sizeZ * channels * ome.sizeT;
  if (!(total > 0) || total > pages.length) return null;
  const planes = omePlanes(ome, sizes, total, pages.length);
  if (planes === null) return null;
  const info: Record<string, string> = { Format: "OME-TIFF" };
  const { x, y, z, t } = ome.pixelSize;
  if (x) info["Pixel size"] = y && y !== x ? `${x} x ${y}` : x;
  if (z) info["Slice distance"] = z;
  if (t) info["Frame interval"] = t;
  if (ome.others > 0) info.Note = `${ome.others} more image(s) in this file are not shown`;
  const lengths = [sizes.T as number, sizes.Z as number, sizes.C as number];
  const named = ome.channelNames.some((name) => name !== "");
  return { ...squeeze("TZC", lengths, planes), channelNames: named ? ome.channelNames : [], info };
}

/** The page of every plane in C order of T Z C; null when one of them is not in this file. */
function omePlanes(
  ome: OmeImage,
  sizes: Record<string, number>,
  total: number,
  pageCount: number,
): number[] | null {
  const order = ome.order.slice(2);
  const strides: Record<string, number> = {};
  let stride = 1;
  for (const axis of order) {
    strides[axis] = stride;
    stride *= sizes[axis] as number;
  }
  const pageOf = new Int32Array(total).fill(-1);
  const blocks = ome.blocks.length
    ? ome.blocks
    : [{ z: 0, c: 0, t: 0, page: 0, count: null, elsewhere: false }];
  for (const block of blocks) {
    // The planes of a set of files: those of the other files are not here.
    if (block.elsewhere) continue;
    const first =
      block.z * (strides.Z as number) +
      block.c * (strides.C as number) +
      block.t * (strides.T as number);
    const length = block.count ?? total - first;
    for (let i = 0; i < length && first + i < total; i++) pageOf[first + i] = block.page + i;
  }
  const planes: number[] = [];
  for (let t = 0; t < (sizes.T as number); t++) {
    for (let z = 0; z < (sizes.Z as number); z++) {
      for (let c = 0; c < (sizes.C as number); c++) {
        const at =
          t * (strides.T as number) + z * (strides.Z as number) + c * (strides.C as number);
        const page = pageOf[at] as number;
        if (page < 0 || page >= pageCount) return null;
        planes.push(page);
      }
    }
  }
  return planes;
}

// ---- others -------------------------------------------------------------------------------------

/** The JSON text `{"shape": [...], "axes": "..."}` that tifffile writes. */
function shapedSeries(description: string, pages: readonly Page[]): Series | null {
  if (!description.startsWith("{")) return null;
  let facts: { shape?: unknown; axes?: unknown };
  try {
    facts = JSON.parse(description) as typeof facts;
  } catch {
    return null;
  }
  const page = pages[0] as Page;
  if (!Array.isArray(facts?.shape) || !facts.shape.every((side) => count(String(side)) > 0))
    return null;
  const shape = facts.shape as number[];
  const inPage = page.samples === 1 ? 2 : 3;
  const leading = shape.slice(0, Math.max(0, shape.length - inPage));
  if (leading.reduce((product, side) => product * side, 1) !== pages.length) return null;
  if (leading.length > 3) return null;
  const given = typeof facts.axes === "string" ? facts.axes : "";
  const axes = leadingNames(
    given.length === shape.length ? given.slice(0, leading.length) : "",
    leading,
  );
  const info = { Format: "TIFF" };
  return { ...squeeze(axes, leading, inOrder(pages.length)), channelNames: [], info };
}

function leadingNames(given: string, leading: readonly number[]): string {
  if (/^[TZC]+$/.test(given) && new Set(given).size === given.length) return given;
  return leading.length === 1 ? "Z" : "TZC".slice(-leading.length);
}

/** Pages of the size and type of the first are slices of a stack. */
function plainSeries(pages: readonly Page[]): Series {
  const first = pages[0] as Page;
  const same = inOrder(pages.length).filter((index) => alike(pages[index] as Page, first));
  const info: Record<string, string> = { Format: "TIFF" };
  const left = pages.filter((page) => !page.reduced).length - same.length;
  if (left > 0) info.Note = `${left} page(s) of another size or type are not shown`;
  return { ...squeeze("Z", [same.length], same), channelNames: [], info };
}

export function alike(page: Page, first: Page): boolean {
  return (
    page === first ||
    (!page.reduced &&
      page.width === first.width &&
      page.height === first.height &&
      page.bits === first.bits &&
      page.samples === first.samples &&
      page.sampleFormat === first.sampleFormat)
  );
}

function inOrder(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** Leaves out axes of length 1. */
function squeeze(
  axes: string,
  lengths: readonly number[],
  pages: number[],
): Pick<Series, "axes" | "lengths" | "pages"> {
  const kept = [...axes].map((name, index) => ({ name, length: lengths[index] as number }));
  const long = kept.filter(({ length }) => length > 1);
  return {
    axes: long.map(({ name }) => name).join(""),
    lengths: long.map(({ length }) => length),
    pages,
  };
}
