/** Opens any image file: looks at its first bytes and hands it to the reader of its kind. */
import { readBitmap } from "./bitmap";
import { ByteSource } from "./byte-source";
import type { DecodedImage } from "./decoded";
import { DataError } from "./errors";
import { HEAD_BYTES, sniff } from "./formats";
import { formatBytes, MAX_BYTES } from "./limits";
import { readNpy } from "./npy";
import { readPng } from "./png";
import { readTiff } from "./tiff/read-tiff";

/** Raises DataError for everything that cannot be opened. */
export async function decodeImage(file: Blob): Promise<DecodedImage> {
  const source = new ByteSource(file);
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
  const format = sniff(head, source.size);
  if (format === "TIFF") return readTiff(new ByteSource(file, "TIFF"));
  if (source.size > MAX_BYTES) {
    throw new DataError(
      `Reading the ${format} file`,
      `The file has ${formatBytes(source.size)}; up to ${formatBytes(MAX_BYTES)} can be opened.`,
      "Save a part of it, or save it as TIFF, and open that.",
    );
  }
  if (format === "PNG") return readPng(await source.read(0, source.size));
  if (format === "NPY") return readNpy(await source.read(0, source.size));
  // The size of a photograph may stand behind a long block of facts about the camera.
  const long = await source.read(0, Math.min(1 << 20, source.size));
  return readBitmap(file, long, format);
}

/** Turns anything thrown while reading into a DataError. */
export function toDataError(error: unknown): DataError {
  if (error instanceof DataError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const memory = error instanceof RangeError && /alloc|length|memory/i.test(message);
  return new DataError(
    "Reading the file",
    memory ? "There is not enough memory for this image." : `The file is damaged (${message}).`,
    memory
      ? "Close other images and try again, or open a smaller part."
      : "Copy or download it again, or open another file.",
  );
}
