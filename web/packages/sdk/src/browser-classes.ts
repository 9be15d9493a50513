/** Classes of the browser that reach another plugin as what they were. The page and Python see plain arrays and bytes. */
import { NdArray, type Peer } from "@imjoy/rpc";

/** Teaches a peer these classes; without it a picture of a canvas would arrive as an array. */
export function registerBrowserClasses({ codecs }: Pick<Peer, "codecs">): void {
  if (typeof ImageData !== "undefined") {
    codecs.register({
      name: "imjoy.image-data",
      type: ImageData,
      encoder: ({ data, height, width }: ImageData) =>
        new NdArray(new Uint8Array(data.buffer), [height, width, 4], "uint8"),
      decoder: imageFrom,
    });
  }
  codecs.register({
    name: "imjoy.data-view",
    type: DataView,
    encoder: ({ buffer, byteOffset, byteLength }: DataView) =>
      buffer.slice(byteOffset, byteOffset + byteLength),
    decoder: (bytes: unknown) => (bytes instanceof ArrayBuffer ? new DataView(bytes) : bytes),
  });
  codecs.register({
    name: "imjoy.clamped",
    type: Uint8ClampedArray,
    encoder: ({ buffer, byteOffset, byteLength }: Uint8ClampedArray) =>
      new Uint8Array(buffer, byteOffset, byteLength),
    decoder: (array: unknown) => (array instanceof Uint8Array ? clamped(array) : array),
  });
  codecs.register({
    name: "imjoy.regexp",
    type: RegExp,
    encoder: ({ source, flags }: RegExp) => ({ source, flags }),
    decoder: patternFrom,
  });
}

/** What cannot be a pattern stays what it was sent as. */
function patternFrom(value: unknown): unknown {
  const { source, flags } = (value ?? {}) as { source?: unknown; flags?: unknown };
  if (typeof source !== "string" || typeof flags !== "string") return value;
  try {
    return new RegExp(source, flags);
  } catch {
    return value;
  }
}

/** What another plugin sent under this name need not be a picture. */
function imageFrom(array: unknown): unknown {
  if (!(array instanceof NdArray) || !(array.data instanceof Uint8Array)) return array;
  const [height = 0, width = 0, samples] = array.shape;
  if (array.shape.length !== 3 || samples !== 4 || height * width === 0) return array;
  return new ImageData(clamped(array.data), width, height);
}

function clamped({ buffer, byteOffset, byteLength }: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  return new Uint8ClampedArray(buffer as ArrayBuffer, byteOffset, byteLength);
}
