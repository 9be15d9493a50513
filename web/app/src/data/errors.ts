/** The error of the readers: names the step, the cause and the remedy in words for the user. */

/** A file cannot be opened as an image. */
export class DataError extends Error {
  readonly code = "data.unreadable";
  override readonly name = "DataError";
  readonly step: string;
  override readonly cause: string;
  readonly remedy: string;

  constructor(step: string, cause: string, remedy: string) {
    super(`${step}: ${cause} ${remedy}`);
    this.step = step;
    this.cause = cause;
    this.remedy = remedy;
  }
}

/** The data ends early or contradicts itself. */
export function damaged(format: string, detail: string): DataError {
  return new DataError(
    `Reading the ${format} file`,
    `The file is cut off or damaged: ${detail}.`,
    "Copy or download it again, or open another file.",
  );
}

/** The file is fine, but it uses something that is not read here. */
export function unsupported(format: string, what: string, remedy?: string): DataError {
  return new DataError(
    `Reading the ${format} file`,
    `It uses ${what}, which cannot be read here.`,
    remedy ?? "Save it as an uncompressed or deflate TIFF (for example with Fiji) and open that.",
  );
}
