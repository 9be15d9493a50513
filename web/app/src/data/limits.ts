/** How big an image may get, checked before any memory is taken. */
import { DataError } from "./errors";

/** Bytes of one decoded image. */
export const MAX_BYTES = 2 * 1024 ** 3;

/** Raises data.unreadable when the decoded image would not fit. `shape` is for the message. */
export function checkSize(format: string, shape: readonly number[], bytesPerElement: number): void {
  const bytes = shape.reduce((size, length) => size * length, bytesPerElement);
  if (shape.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new DataError(
      `Reading the ${format} file`,
      `It says that the image is ${shape.join(" x ")} pixels.`,
      "The file is damaged; copy or download it again, or open another file.",
    );
  }
  if (bytes > MAX_BYTES) {
    throw new DataError(
      `Reading the ${format} file`,
      `The image would be ${shape.join(" x ")} values and need ${formatBytes(bytes)} of memory; ` +
        `up to ${formatBytes(MAX_BYTES)} can be opened.`,
      "If it really is this big, save a part of it or a smaller version and open that.",
    );
  }
}

/** No compression packs better than this; a header that claims more is false. */
export function checkRatio(format: string, expected: number, stored: number, best: number): void {
  if (expected > stored * best + 65_536) {
    throw new DataError(
      `Reading the ${format} file`,
      `Its header speaks of ${formatBytes(expected)} of pixels, but the file holds only ` +
        `${formatBytes(stored)} of data.`,
      "The file is cut off or damaged; copy or download it again, or open another file.",
    );
  }
}

/** "1.5 MB", in units of 1024. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
