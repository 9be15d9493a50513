/** Recognises images in the values that plugins pass and return. */
import { NdArray, type TypedArray, typedArrayName } from "@imjoy/rpc";
import type { ImageData_ } from "../model";
import { codedError } from "../plugins/failure";

/** Reads files and addresses as images; given by the data room. */
export interface ImageReaders {
  readImage(file: File): Promise<{ name: string; image: ImageData_ }[]>;
  readImageUrl(path: string): Promise<{ name: string; image: ImageData_ }[]>;
}

const COLOURS = new Set([3, 4]);

/** Axes of an array of that shape when the plugin names none. */
export function guessAxes(shape: readonly number[]): string {
  const last = shape.at(-1) ?? 0;
  const samples = shape.length >= 3 && COLOURS.has(last) ? "S" : "";
  const rest = shape.length - samples.length;
  if (rest < 2 || rest > 5) {
    const text = `[${shape.join(", ")}]`;
    const cause = `An array of the shape ${text} cannot be shown as an image.`;
    const remedy = "Return an array of 2 to 5 dimensions, with Y and X last.";
    throw codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
  }
  const stack = rest === 3 && (shape[0] as number) <= 4 ? "C" : "Z";
  const leading = ["", stack, "ZC", "TZC"][rest - 2] as string;
  return `${leading}YX${samples}`;
}

/** True for a value that `imageFrom` can turn into an image without reading a file. */
export function looksLikeImage(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && value.image instanceof NdArray;
}

/**
 * The image in `{image | src, axes?, labels?}`, in an array, or in a file.
 * @throws RpcError data.unreadable
 */
export async function imageFrom(value: unknown, readers: ImageReaders): Promise<ImageData_> {
  if (value instanceof NdArray) return { array: value, axes: guessAxes(value.shape) };
  if (value instanceof Blob) return fromBlob(value, readers);
  if (typeof value === "string") return fromUrl(value, readers);
  if (!isRecord(value)) throw noImage();
  const image = await pixels(value, readers);
  const given = { ...image };
  if (typeof value.axes === "string" && value.axes.length === image.array.shape.length) {
    given.axes = value.axes.toUpperCase();
  }
  const names = value.channelNames ?? value.channel_names;
  if (Array.isArray(names)) given.channelNames = names.map(String);
  if (value.labels !== undefined && value.labels !== null) given.labels = labelsFrom(value.labels);
  return given;
}

/** What a plugin sees of an open image. */
export function imageForPlugin(name: string, image: ImageData_): Record<string, unknown> {
  const data: Record<string, unknown> = {
    type: "image",
    name,
    image: image.array,
    axes: image.axes,
  };
  if (image.labels) data.labels = image.labels;
  return data;
}

async function pixels(value: Record<string, unknown>, readers: ImageReaders): Promise<ImageData_> {
  const source = value.image ?? value.src ?? value.data;
  if (source instanceof NdArray || source instanceof Blob || typeof source === "string") {
    return imageFrom(source, readers);
  }
  const { width, height } = value;
  if (
    typedArrayName(source) !== undefined &&
    typeof width === "number" &&
    typeof height === "number"
  ) {
    const samples = (source as TypedArray).length / (width * height);
    const shape = samples === 1 ? [height, width] : [height, width, samples];
    return imageFrom(NdArray.from(source as TypedArray, shape), readers);
  }
  throw noImage();
}

function labelsFrom(labels: unknown): NdArray {
  if (labels instanceof NdArray && /^(u?int|bool)/.test(labels.dtype)) return labels;
  const cause = "The labels of the image are not an array of whole numbers.";
  const remedy = "Turn them into integers, 0 for background.";
  throw codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
}

async function fromBlob(blob: Blob, readers: ImageReaders): Promise<ImageData_> {
  const file = blob instanceof File ? blob : new File([blob], "image", { type: blob.type });
  return firstOf(await readers.readImage(file));
}

async function fromUrl(url: string, readers: ImageReaders): Promise<ImageData_> {
  if (!/^(data|https?|blob):/.test(url)) throw noImage();
  if (!url.startsWith("data:")) return firstOf(await readers.readImageUrl(url));
  const response = await fetch(url);
  return fromBlob(await response.blob(), readers);
}

function firstOf(images: { image: ImageData_ }[]): ImageData_ {
  const first = images[0];
  if (!first) throw noImage();
  return first.image;
}

function noImage(): Error {
  const cause = "There is no image in what the plugin gave.";
  const remedy = "Give {image: array} or {src: address} as data.";
  return codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
