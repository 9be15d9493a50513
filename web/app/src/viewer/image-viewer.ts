/** Shows one image on a canvas and lets the user look around in it. Knows no framework. */
import { type ImageData_, type Region, Store } from "../model";
import type { Window } from "./contrast";
import { type InputActions, listen } from "./input";
import { LoadedImage } from "./loaded-image";
import { Painter } from "./painter";
import { type ChannelState, type Hover, START, type ViewerState } from "./state";
import { fitView, panBy, partIn, type Size, toImage, type View, zoomAt } from "./view-transform";

export class ImageViewer implements InputActions {
  readonly state = new Store<ViewerState>(START);
  readonly hover = new Store<Hover | null>(null);
  private image: LoadedImage | null = null;
  private screen: Size = { width: 0, height: 0 };
  private ratio = 1;
  private frame = 0;
  private pointer: [number, number] | null = null;
  private readonly painter: Painter;
  private readonly observer: ResizeObserver;
  private readonly stopListening: () => void;

  /** The canvas has to get its size from CSS; it should be focusable for the keys to work. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    this.painter = new Painter(canvas);
    this.stopListening = listen(canvas, this);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(canvas);
    this.measure();
  }

  /** Raises RangeError for arrays that are no image. An image of the same size keeps zoom and position. */
  setImage(data: ImageData_): void {
    const image = new LoadedImage(data);
    const before = this.state.get();
    const { size, axes } = image.layout;
    const sameSize =
      this.image !== null &&
      before.width === size.X &&
      before.height === size.Y &&
      before.axes === axes;
    const sameData = sameSize && this.image?.data === image.data;
    this.image = image;
    this.state.set({
      ...(sameSize ? before : START),
      width: size.X,
      height: size.Y,
      axes,
      color: image.color,
      float: image.float,
      channels: sameData ? before.channels : image.channels(data.channelNames),
      z: sameSize ? Math.min(before.z, size.Z - 1) : Math.floor((size.Z - 1) / 2),
      zCount: size.Z,
      t: sameSize ? Math.min(before.t, size.T - 1) : 0,
      tCount: size.T,
      hasLabels: image.labels !== null,
      labelProblem: image.labelProblem,
    });
    if (!sameSize || before.fitted) this.fit();
    this.updateHover();
    this.redraw();
  }

  setChannel(
    index: number,
    change: Partial<Pick<ChannelState, "color" | "visible" | "window">>,
  ): void {
    this.changeChannels((channel, at) => (at === index ? { ...channel, ...change } : channel));
  }

  setSlice(z: number): void {
    this.moveTo(z, this.state.get().t);
  }

  setTime(t: number): void {
    this.moveTo(this.state.get().z, t);
  }

  setLabels(change: { visible?: boolean; opacity?: number }): void {
    this.state.update((state) => ({
      ...state,
      labelsVisible: change.visible ?? state.labelsVisible,
      labelOpacity: Math.min(1, Math.max(0, change.opacity ?? state.labelOpacity)),
    }));
    this.redraw();
  }

  /** For one channel, or for all of them. */
  autoContrast(index?: number): void {
    this.setWindows(index, ({ contrast }) => contrast.auto);
  }

  /** Every value that occurs, or that the type has. */
  fullContrast(index?: number): void {
    this.setWindows(index, ({ contrast }) => contrast.full);
  }

  /** The part of the image that is on the screen, in whole pixels; null while there is none. */
  seenPart(): Region | null {
    const state = this.state.get();
    return state.width > 0 && this.screen.width > 0 ? partIn(state, state, this.screen) : null;
  }

  /** Looks at the same part as another viewer. */
  follow({ x, y, zoom }: View): void {
    this.look({ x, y, zoom }, false);
  }

  fit(): void {
    const { width, height } = this.state.get();
    if (width > 0 && this.screen.width > 0) {
      this.look(fitView({ width, height }, this.screen), true);
    }
  }

  actualSize(): void {
    this.setZoom(1);
  }

  /** Zoom as screen pixels for one image pixel, around a point of the canvas (its middle if not given). */
  setZoom(zoom: number, x?: number, y?: number): void {
    const state = this.state.get();
    if (state.width > 0) this.look(zoomAt(state, state, this.screen, zoom, x, y), false);
  }

  zoomBy(factor: number, x?: number, y?: number): void {
    this.setZoom(this.state.get().zoom * factor, x, y);
  }

  panBy(dx: number, dy: number): void {
    const state = this.state.get();
    if (state.width > 0) this.look(panBy(state, state, dx, dy), false);
  }

  stepSlice(by: number): void {
    this.setSlice(this.state.get().z + by);
  }

  stepTime(by: number): void {
    this.setTime(this.state.get().t + by);
  }

  toggleLabels(): void {
    this.setLabels({ visible: !this.state.get().labelsVisible });
  }

  hoverAt(x: number, y: number): void {
    this.pointer = [x, y];
    this.updateHover();
  }

  hoverEnd(): void {
    this.pointer = null;
    this.hover.set(null);
  }

  /** Draws at once instead of with the next frame. */
  drawNow(): void {
    if (this.frame) cancelAnimationFrame(this.frame);
    this.frame = 0;
    // A window that went to a screen of another density: no observer tells.
    if ((globalThis.devicePixelRatio || 1) !== this.ratio) this.resize();
    this.painter.paint(this.image, this.state.get(), this.ratio);
  }

  destroy(): void {
    this.stopListening();
    this.observer.disconnect();
    if (this.frame) cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.image = null;
    this.painter.release();
  }

  private changeChannels(change: (channel: ChannelState, index: number) => ChannelState): void {
    this.state.update((state) => ({ ...state, channels: state.channels.map(change) }));
    this.redraw();
  }

  private setWindows(index: number | undefined, windowOf: (channel: ChannelState) => Window): void {
    this.changeChannels((channel, at) =>
      index === undefined || at === index ? { ...channel, window: windowOf(channel) } : channel,
    );
  }

  private moveTo(slice: number, time: number): void {
    const state = this.state.get();
    const z = Math.min(state.zCount - 1, Math.max(0, Math.round(slice)));
    const t = Math.min(state.tCount - 1, Math.max(0, Math.round(time)));
    if (z === state.z && t === state.t) return;
    this.state.set({ ...state, z, t });
    this.updateHover();
    this.redraw();
  }

  private look(view: View, fitted: boolean): void {
    this.state.update((state) => ({ ...state, x: view.x, y: view.y, zoom: view.zoom, fitted }));
    this.updateHover();
    this.redraw();
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === this.screen.width && height === this.screen.height) return;
    this.screen = { width, height };
    if (width === 0 || height === 0) return;
    this.resize();
    if (this.state.get().fitted) this.fit();
    // At once: setting the size has cleared the canvas, and an empty frame would be seen.
    this.drawNow();
  }

  private resize(): void {
    this.ratio = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.screen.width * this.ratio);
    this.canvas.height = Math.round(this.screen.height * this.ratio);
  }

  private updateHover(): void {
    const { image, pointer } = this;
    if (!image || !pointer) return;
    const state = this.state.get();
    const { z, t } = state;
    const [imageX, imageY] = toImage(state, this.screen, ...pointer);
    const x = Math.floor(imageX);
    const y = Math.floor(imageY);
    const inside = x >= 0 && y >= 0 && x < state.width && y < state.height;
    this.hover.set(
      inside
        ? { x, y, z, t, values: image.valuesAt(x, y, z, t), label: image.labelAt(x, y, z, t) }
        : null,
    );
  }

  private redraw(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }
}
