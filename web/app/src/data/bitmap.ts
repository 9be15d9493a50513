/** Reads the image types that the browser itself decodes: JPEG, WebP, GIF, BMP, AVIF. */
import { type DecodedImage, dropOpaqueAlpha } from "./decoded";
import { DataError, damaged } from "./errors";
import type { Format } from "./formats";
import { checkSize } from "./limits";

/** The most that browsers allow for one drawing surface. */
const MAX_PIXELS = 268_000_000;

interface Look {
  width: number;
  height: number;
  /** One value per pixel. */
  grey?: boolean;
}

export async function readBitmap(
  blob: Blob,
  head: Uint8Array,
  format: Format,
): Promise<DecodedImage> {
  const look = lookAt(head, format);
  if (look) checkPixels(format, look.width, look.height);
  const pixels = await decodePixels(blob, format);
  return toImage(pixels, format, look?.grey === true);
}

/** Red, green, blue and alpha of every pixel. */
interface Pixels {
  width: number;
  height: number;
  rgba: Uint8Array<ArrayBuffer>;
}

/** Lets the browser decode a picture. Raises data.unreadable when it cannot. */
export async function decodePixels(blob: Blob, format: Format): Promise<Pixels> {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function") {
    throw new DataError(
      `Reading the ${format} file`,
      "This browser cannot decode pictures in the background.",
      "Update the browser, or save the image as PNG or TIFF and open that.",
    );
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([blob], { type: `image/${format.toLowerCase()}` }), {
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
    });
  } catch {
    throw damaged(format, "the browser could not decode its pixels");
  }
  try {
    return pixelsOf(bitmap, format);
  } finally {
    bitmap.close();
  }
}

function pixelsOf(bitmap: ImageBitmap, format: Format): Pixels {
  const { width, height } = bitmap;
  checkPixels(format, width, height);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new DataError(
      `Reading the ${format} file`,
      "There is no memory for it.",
      "Close other images and try again.",
    );
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, rgba: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function toImage({ width, height, rgba }: Pixels, format: Format, grey: boolean): DecodedImage {
  const info = { Format: format, "Bit depth": grey ? "8 (grey)" : "8 (RGB)" };
  if (grey) {
    const plane = new Uint8Array(width * height);
    for (let i = 0; i < plane.length; i++) plane[i] = rgba[4 * i] as number;
    return { data: plane, dtype: "uint8", shape: [height, width], axes: "YX", info };
  }
  const { data, samples } = dropOpaqueAlpha(rgba, 255);
  return { data, dtype: "uint8", shape: [height, width, samples], axes: "YXS", info };
}

function checkPixels(format: Format, width: number, height: number): void {
  checkSize(format, [height, width, 4], 1);
  if (width * height > MAX_PIXELS || Math.max(width, height) > 65_535) {
    throw new DataError(
      `Reading the ${format} file`,
      `The image is ${width} x ${height} pixels, more than browsers can decode.`,
      "Save a part of it or a smaller version, or save it as TIFF or PNG, and open that.",
    );
  }
}

/** Width and height from the header, so that a picture that is too big is refused before it is decoded. */
export function lookAt(head: Uint8Array, format: Format): Look | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (format === "GIF" && head.length >= 10) {
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  if (format === "BMP" && head.length >= 26 && view.getUint32(14, true) >= 40) {
    return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
  }
  if (format === "JPEG") return lookAtJpeg(view);
  return null;
}

function lookAtJpeg(view: DataView): Look | null {
  let offset = 2;
  while (offset + 10 <= view.byteLength) {
    if (view.getUint8(offset) !== 0xff) return null;
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd8)) {
      offset += marker === 0xff ? 1 : 2;
      continue;
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) {
      return {
        height: view.getUint16(offset + 5),
        width: view.getUint16(offset + 7),
        grey: view.getUint8(offset + 9) === 1,
      };
    }
    offset += 2 + view.getUint16(offset + 2);
  }
  return null;
}
