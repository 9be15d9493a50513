/** Draws the visible part of an image on a canvas: never more pixels than the screen or the image has. */
import { labelColors, parseColor } from "./colors";
import type { Layout } from "./layout";
import type { LoadedImage } from "./loaded-image";
import {
  type Block,
  drawColor,
  drawLabels,
  drawLayers,
  makeTable,
  type Packing,
  type Table,
} from "./render";
import type { ChannelState, ViewerState } from "./state";
import { type Span, spanOf } from "./view-transform";

export class Painter {
  private pixels: ImageData | null = null;
  private readonly block = document.createElement("canvas");
  private readonly tables = new Map<string, Table>();
  private tablesOf: LoadedImage | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** `ratio`: physical pixels for one CSS pixel. No image clears the canvas. */
  paint(image: LoadedImage | null, state: ViewerState, ratio: number): void {
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    if (!context || width === 0 || height === 0) return;
    context.clearRect(0, 0, width, height);
    if (!image) return;
    const scale = state.zoom * ratio;
    const across = spanOf(state.width, state.x, scale, width);
    const down = spanOf(state.height, state.y, scale, height);
    const columns = across.indexes.length;
    const rows = down.indexes.length;
    if (columns === 0 || rows === 0) return;
    const pixels = this.pixelsFor(context, columns, rows);
    this.fill(new Uint32Array(pixels.data.buffer, 0, columns * rows), image, across, down, state);
    if (scale < 1) {
      context.putImageData(pixels, across.start, down.start);
      return;
    }
    if (this.block.width !== columns) this.block.width = columns;
    if (this.block.height !== rows) this.block.height = rows;
    this.block.getContext("2d")?.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.block, across.start, down.start, across.length, down.length);
  }

  /** Gives back the memory. */
  release(): void {
    this.pixels = null;
    this.block.width = 0;
    this.tables.clear();
    this.tablesOf = null;
  }

  private pixelsFor(context: CanvasRenderingContext2D, width: number, height: number): ImageData {
    if (this.pixels?.width !== width || this.pixels.height !== height) {
      this.pixels = context.createImageData(width, height);
    }
    return this.pixels;
  }

  private fill(
    out: Uint32Array,
    image: LoadedImage,
    across: Span,
    down: Span,
    state: ViewerState,
  ): void {
    const { data, layout, labels } = image;
    const base = image.planeOffset(state.z, state.t);
    const block = blockOf(layout, across, down);
    if (image.color) {
      const window = state.channels[0]?.window ?? [0, 255];
      drawColor(out, block, data, base, layout.size.S, layout.stride.S, window);
    } else {
      const visible = state.channels.flatMap((channel, index) => (channel.visible ? [index] : []));
      const packing: Packing = visible.length > 1 ? "sum" : "opaque";
      const layers = visible.map((index) => ({
        data,
        base: base + image.channelOffset(index),
        table: this.tableFor(image, state.channels[index] as ChannelState, packing),
      }));
      drawLayers(out, block, layers);
    }
    if (labels && state.labelsVisible) {
      const from = image.labelOffset(state.z, state.t);
      const labelBlock = blockOf(labels.layout, across, down);
      drawLabels(out, labelBlock, labels.data, from, labelColors(), state.labelOpacity);
    }
  }

  private tableFor(image: LoadedImage, { window, color }: ChannelState, packing: Packing): Table {
    // Moving a slider makes a new table with every step; only the last few are worth keeping.
    if (this.tablesOf !== image || this.tables.size > 32) this.tables.clear();
    this.tablesOf = image;
    const key = `${window[0]} ${window[1]} ${color} ${packing}`;
    let table = this.tables.get(key);
    if (!table) {
      table = makeTable(image.data, window, parseColor(color), packing);
      this.tables.set(key, table);
    }
    return table;
  }
}

function blockOf({ stride }: Layout, across: Span, down: Span): Block {
  return {
    width: across.indexes.length,
    height: down.indexes.length,
    columns: across.indexes.map((index) => index * stride.X),
    rows: Float64Array.from(down.indexes, (index) => index * stride.Y),
  };
}
