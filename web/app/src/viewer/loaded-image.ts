/** An image made ready for drawing: its numbers, where they are, and its labels. */
import type { ImageData_ } from "../model";
import { channelColors } from "./colors";
import { contrastOf } from "./contrast";
import { type Layout, layoutOf } from "./layout";
import { drawable, isFloat, type Numbers } from "./numbers";
import type { ChannelState } from "./state";

const VISIBLE_AT_FIRST = 4;

export class LoadedImage {
  readonly data: Numbers;
  readonly layout: Layout;
  /** RGB or RGBA samples. */
  readonly color: boolean;
  readonly float: boolean;
  readonly channelCount: number;
  readonly labels: { data: Numbers; layout: Layout } | null;
  readonly labelProblem: string;

  /** Raises RangeError for arrays that are no image. */
  constructor(image: ImageData_) {
    this.layout = layoutOf(image.array.shape, image.axes);
    this.data = drawable(image.array);
    const { size } = this.layout;
    this.color = size.S === 3 || size.S === 4;
    this.float = isFloat(this.data);
    this.channelCount = this.color ? 1 : size.C * size.S;
    this.labels = findLabels(image, this.layout);
    this.labelProblem =
      image.labels && !this.labels
        ? `The labels (${image.labels.shape.join(" x ")}) do not have the size of the image (${size.Y} x ${size.X}).`
        : "";
  }

  /** The channels with colours and contrast as they are at first. Looks at a sample of all planes. */
  channels(names: readonly string[] = []): ChannelState[] {
    const { channelCount: count, color } = this;
    const colors = channelColors(count, names);
    return Array.from({ length: count }, (_, index) => {
      const contrast = contrastOf(this.data, this.sampling(index), color);
      return {
        name: names[index] || (color ? "Colour" : count > 1 ? `Channel ${index + 1}` : "Grey"),
        color: colors[index] as string,
        visible: index < VISIBLE_AT_FIRST,
        window: contrast.start,
        contrast,
      };
    });
  }

  /** Where the plane of a slice and time begins. */
  planeOffset(z: number, t: number): number {
    return z * this.layout.stride.Z + t * this.layout.stride.T;
  }

  /** Channels are C, and S where its samples are not colours. */
  channelOffset(index: number): number {
    const { size, stride } = this.layout;
    return Math.floor(index / size.S) * stride.C + (index % size.S) * stride.S;
  }

  /** Labels may be the same for all slices or all time points. */
  labelOffset(z: number, t: number): number {
    if (!this.labels) return 0;
    const { size, stride } = this.labels.layout;
    return Math.min(z, size.Z - 1) * stride.Z + Math.min(t, size.T - 1) * stride.T;
  }

  /** One value for each channel, or the samples of a colour. */
  valuesAt(x: number, y: number, z: number, t: number): number[] {
    const { size, stride } = this.layout;
    const at = this.planeOffset(z, t) + y * stride.Y + x * stride.X;
    return Array.from(
      { length: size.C * size.S },
      (_, index) => this.data[at + this.channelOffset(index)] as number,
    );
  }

  labelAt(x: number, y: number, z: number, t: number): number | null {
    if (!this.labels) return null;
    const { data, layout } = this.labels;
    return data[this.labelOffset(z, t) + y * layout.stride.Y + x * layout.stride.X] as number;
  }

  /** Which elements to look at for the contrast of a channel: those of all slices and times. */
  private sampling(index: number) {
    const { size, stride } = this.layout;
    const starts = this.color ? [0, stride.S, 2 * stride.S] : [this.channelOffset(index)];
    const planes: number[] = [];
    for (let t = 0; t < size.T; t++) {
      for (let z = 0; z < size.Z; z++) {
        for (const start of starts) planes.push(this.planeOffset(z, t) + start);
      }
    }
    return { planes, count: size.Y * size.X, step: Math.min(stride.X, stride.Y) };
  }
}

function findLabels(image: ImageData_, { size }: Layout): LoadedImage["labels"] {
  const array = image.labels;
  if (!array) return null;
  const stack = size.T > 1 && size.Z === 1 ? "TYX" : "ZYX";
  const axes = ["", "", "YX", stack, "TZYX"][array.shape.length];
  if (!axes) return null;
  const layout = layoutOf(array.shape, axes);
  if (layout.size.X !== size.X || layout.size.Y !== size.Y) return null;
  return { data: drawable(array), layout };
}
