/** Reads parts of a file, keeping the last small block so that walking through headers is cheap. */
import { DataError, damaged } from "./errors";

const BLOCK = 65_536;

export class ByteSource {
  readonly size: number;
  private block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private blockStart = 0;

  constructor(
    private readonly blob: Blob,
    readonly format = "image",
  ) {
    this.size = blob.size;
  }

  /** `length` bytes at `offset`; do not change them. Raises data.unreadable when the file ends before. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw damaged(
        this.format,
        `bytes ${offset} to ${offset + length} are missing, the file has ${this.size}`,
      );
    }
    if (length > BLOCK) return this.load(offset, length);
    const start = offset - this.blockStart;
    if (start < 0 || start + length > this.block.length) {
      this.block = await this.load(offset, Math.min(BLOCK, this.size - offset));
      this.blockStart = offset;
      return this.block.subarray(0, length);
    }
    return this.block.subarray(start, start + length);
  }

  private async load(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await this.blob.slice(offset, offset + length).arrayBuffer());
    } catch (error) {
      throw new DataError(
        "Reading the file",
        `The browser could not read it (${error instanceof Error ? error.message : "no reason given"}).`,
        "It may have been moved or changed since it was chosen; open it again.",
      );
    }
  }
}
