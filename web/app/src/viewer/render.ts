/** The drawing loops: from numbers of any type to the colours of a block of pixels. */
import type { Rgb } from "./colors";
import type { Window } from "./contrast";
import type { Numbers } from "./numbers";

/** Which elements of a plane to draw: one offset for each column and each row of the block. */
export interface Block {
  width: number;
  height: number;
  columns: Int32Array;
  /** Offsets of rows, with the offset of the plane; may be beyond 2^31. */
  rows: Float64Array;
}

export interface Layer {
  data: Numbers;
  /** Added to every offset: where the plane of this channel begins. */
  base: number;
  table: Table;
}

/** Colours by value. For bytes and 16 bit numbers there is one for each value, else 256 steps. */
export interface Table {
  colors: Uint32Array;
  /** Value of the first colour. */
  low: number;
  /** Colours for one unit of value. */
  scale: number;
}

/** `opaque`: finished pixels 0xAABBGGRR. `sum`: 10 bits for each of r, g, b, so that layers can be added. */
export type Packing = "opaque" | "sum";

export function makeTable(data: Numbers, window: Window, color: Rgb, packing: Packing): Table {
  const [low, high] = window;
  const pack = packing === "opaque" ? packOpaque : packSum;
  if (data.BYTES_PER_ELEMENT > 2) {
    const colors = Uint32Array.from({ length: 256 }, (_, step) => pack(color, step / 255));
    return { colors, low, scale: 255 / (high - low || 1) };
  }
  const first = firstValue(data);
  const colors = new Uint32Array(2 ** (8 * data.BYTES_PER_ELEMENT));
  const scale = 1 / (high - low || 1);
  for (let i = 0; i < colors.length; i++) {
    const part = (i + first - low) * scale;
    colors[i] = pack(color, part < 0 ? 0 : Math.min(part, 1));
  }
  return { colors, low: first, scale: 1 };
}

function firstValue(data: Numbers): number {
  if (data instanceof Int8Array) return -128;
  return data instanceof Int16Array ? -32_768 : 0;
}

function packOpaque([r, g, b]: Rgb, part: number): number {
  return (
    ((255 << 24) |
      (Math.round(b * part) << 16) |
      (Math.round(g * part) << 8) |
      Math.round(r * part)) >>>
    0
  );
}

function packSum([r, g, b]: Rgb, part: number): number {
  return (Math.round(b * part) << 20) | (Math.round(g * part) << 10) | Math.round(r * part);
}

/** Draws channels over each other; `out` is filled completely. No layers give black. */
export function drawLayers(out: Uint32Array, block: Block, layers: readonly Layer[]): void {
  if (layers.length === 0) {
    out.fill(0xff000000);
    return;
  }
  if (layers.length === 1) {
    map(out, block, layers[0] as Layer, false);
    return;
  }
  layers.forEach((layer, index) => {
    // Four values of 255 fit into 10 bits.
    if (index > 0 && index % 3 === 0) clampSums(out);
    map(out, block, layer, index > 0);
  });
  for (let i = 0; i < out.length; i++) {
    const sum = out[i] as number;
    const r = sum & 1023;
    const g = (sum >> 10) & 1023;
    const b = (sum >> 20) & 1023;
    out[i] = 0xff000000 | (Math.min(b, 255) << 16) | (Math.min(g, 255) << 8) | Math.min(r, 255);
  }
}

function clampSums(out: Uint32Array): void {
  for (let i = 0; i < out.length; i++) {
    const sum = out[i] as number;
    const r = Math.min(sum & 1023, 255);
    const g = Math.min((sum >> 10) & 1023, 255);
    out[i] = (Math.min((sum >> 20) & 1023, 255) << 20) | (g << 10) | r;
  }
}

// One loop for each width of number: the engine makes fast code only for loops that see few array types.
function map(out: Uint32Array, block: Block, layer: Layer, add: boolean): void {
  const { data } = layer;
  if (data instanceof Uint8Array || data instanceof Int8Array) mapBytes(out, block, layer, add);
  else if (data instanceof Uint16Array || data instanceof Int16Array)
    mapShorts(out, block, layer, add);
  else mapWide(out, block, layer, add);
}

function mapBytes(out: Uint32Array, block: Block, layer: Layer, add: boolean): void {
  const { width, height, columns, rows } = block;
  const data = layer.data as Uint8Array | Int8Array;
  const { colors, low } = layer.table;
  for (let y = 0, i = 0; y < height; y++) {
    const row = layer.base + (rows[y] as number);
    if (add) {
      for (let x = 0; x < width; x++, i++) {
        out[i] =
          (out[i] as number) +
          (colors[(data[row + (columns[x] as number)] as number) - low] as number);
      }
    } else {
      for (let x = 0; x < width; x++, i++) {
        out[i] = colors[(data[row + (columns[x] as number)] as number) - low] as number;
      }
    }
  }
}

function mapShorts(out: Uint32Array, block: Block, layer: Layer, add: boolean): void {
  const { width, height, columns, rows } = block;
  const data = layer.data as Uint16Array | Int16Array;
  const { colors, low } = layer.table;
  for (let y = 0, i = 0; y < height; y++) {
    const row = layer.base + (rows[y] as number);
    if (add) {
      for (let x = 0; x < width; x++, i++) {
        out[i] =
          (out[i] as number) +
          (colors[(data[row + (columns[x] as number)] as number) - low] as number);
      }
    } else {
      for (let x = 0; x < width; x++, i++) {
        out[i] = colors[(data[row + (columns[x] as number)] as number) - low] as number;
      }
    }
  }
}

function mapWide(out: Uint32Array, block: Block, layer: Layer, add: boolean): void {
  const { width, height, columns, rows } = block;
  const { data } = layer;
  const { colors, low, scale } = layer.table;
  for (let y = 0, i = 0; y < height; y++) {
    const row = layer.base + (rows[y] as number);
    for (let x = 0; x < width; x++, i++) {
      const step = ((data[row + (columns[x] as number)] as number) - low) * scale;
      // Not a number becomes 0, as every comparison with it is false.
      const color = colors[step > 255 ? 255 : step > 0 ? step | 0 : 0] as number;
      out[i] = add ? (out[i] as number) + color : color;
    }
  }
}

/** Interleaved RGB or RGBA samples, `step` elements apart. */
export function drawColor(
  out: Uint32Array,
  block: Block,
  data: Numbers,
  base: number,
  samples: number,
  step: number,
  window: Window,
): void {
  const { width, height, columns, rows } = block;
  const [low, high] = window;
  const scale = 255 / (high - low || 1);
  const opaque = data instanceof Uint8Array ? 1 : data instanceof Uint16Array ? 1 / 257 : scale;
  const plain = data instanceof Uint8Array && low === 0 && high === 255;
  for (let y = 0, i = 0; y < height; y++) {
    const row = base + (rows[y] as number);
    for (let x = 0; x < width; x++, i++) {
      const at = row + (columns[x] as number);
      let r = data[at] as number;
      let g = data[at + step] as number;
      let b = data[at + 2 * step] as number;
      if (!plain) {
        r = byte((r - low) * scale);
        g = byte((g - low) * scale);
        b = byte((b - low) * scale);
      }
      const a = samples === 4 ? byte((data[at + 3 * step] as number) * opaque) : 255;
      out[i] = (a << 24) | (b << 16) | (g << 8) | r;
    }
  }
}

function byte(value: number): number {
  return value > 255 ? 255 : value > 0 ? value | 0 : 0;
}

/** Draws labels over `out`: filled with `opacity` (0 to 1), and with a strong outline. Label 0 stays clear. */
export function drawLabels(
  out: Uint32Array,
  block: Block,
  labels: Numbers,
  base: number,
  colors: Uint32Array,
  opacity: number,
): void {
  const { width, height, columns, rows } = block;
  const mask = colors.length - 1;
  const fill = Math.round(opacity * 256);
  const edge = Math.max(fill, 235);
  for (let y = 0, i = 0; y < height; y++) {
    const row = base + (rows[y] as number);
    const above = base + (rows[Math.max(0, y - 1)] as number);
    const below = base + (rows[Math.min(height - 1, y + 1)] as number);
    for (let x = 0; x < width; x++, i++) {
      const column = columns[x] as number;
      const label = labels[row + column] as number;
      if (label === 0) continue;
      const outline =
        labels[above + column] !== label ||
        labels[below + column] !== label ||
        labels[row + (columns[x === 0 ? 0 : x - 1] as number)] !== label ||
        labels[row + (columns[x === width - 1 ? x : x + 1] as number)] !== label;
      out[i] = blend(out[i] as number, colors[label & mask] as number, outline ? edge : fill);
    }
  }
}

/** `part` of 256 of `over` on `under`; two colour parts are handled in one multiplication. */
function blend(under: number, over: number, part: number): number {
  const rest = 256 - part;
  const rb = (((under & 0xff00ff) * rest + (over & 0xff00ff) * part) / 256) & 0xff00ff;
  const g = (((under & 0xff00) * rest + (over & 0xff00) * part) >> 8) & 0xff00;
  return ((under & 0xff000000) | rb | g) >>> 0;
}
