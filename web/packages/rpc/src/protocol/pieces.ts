/** Large frames cut into pieces, so that small frames pass between them and a cut costs one piece. */
import { RpcError } from "../errors";
import { type Buffer_, byteLength, type Frame, isBlob, malformed } from "./frame";
import { LIMITS } from "./messages";

/** Headers as the session writes them: those of the protocol, or its own. */
export type AnyHeader = Record<string, unknown>;

/** A frame whose header may be one of the session's own. */
export interface AnyFrame {
  header: AnyHeader;
  body: string;
  buffers: Buffer_[];
}

/** What a frame costs to keep: the length of its text and the bytes of its binary parts. */
export function sizeOf(frame: AnyFrame): number {
  let size = frame.body.length;
  for (const part of frame.buffers) size += byteLength(part);
  return size;
}

/** Cuts the binary parts of one frame, read as one run of bytes, into pieces. */
export class Cutter {
  readonly total: number;
  cut = 0;
  arrived = 0;
  private readonly sizes: number[];
  private index = 0;
  private offset = 0;

  constructor(
    readonly frame: Frame,
    readonly number: number,
  ) {
    this.sizes = frame.buffers.map(byteLength);
    this.total = this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Whether only the frame itself is left to be sent. */
  get isCut(): boolean {
    return this.cut === this.total;
  }

  /** The next piece, of this many bytes; the first tells the sizes of the parts and the header of the frame. */
  next(piece: number): AnyFrame {
    const header: AnyHeader = { type: "piece", of: this.number };
    if (this.cut === 0) Object.assign(header, { sizes: this.sizes, frame: this.frame.header });
    const parts: Buffer_[] = [];
    let room = piece;
    while (room > 0 && this.index < this.sizes.length) {
      const left = (this.sizes[this.index] as number) - this.offset;
      const taken = Math.min(left, room);
      if (taken > 0) parts.push(this.slice(taken));
      room -= taken;
      this.offset += taken;
      if (taken === left) {
        this.index += 1;
        this.offset = 0;
      }
    }
    this.cut += piece - room;
    return { header, body: "", buffers: parts };
  }

  /** The frame itself, whose parts have gone before. */
  last(): AnyFrame {
    const { header, body } = this.frame;
    return { header: { ...header, pieces: this.number }, body, buffers: [] };
  }

  private slice(length: number): Buffer_ {
    const part = this.frame.buffers[this.index] as Buffer_;
    const { offset } = this;
    if (isBlob(part)) return part.slice(offset, offset + length); // read only when it is its turn
    if (part instanceof ArrayBuffer) return new Uint8Array(part, offset, length);
    return part.subarray(offset, offset + length);
  }
}

/** The parts of one frame while their pieces arrive. */
export class Assembly {
  readonly total: number;
  readonly buffers: ArrayBuffer[];
  received = 0;
  private index = 0;
  private offset = 0;

  /** @throws RpcError protocol.malformed, protocol.too_large */
  constructor(
    sizes: unknown,
    readonly header: AnyHeader,
  ) {
    const checked = checkSizes(sizes);
    this.total = checked.reduce((sum, size) => sum + size, 0);
    this.buffers = checked.map(allocate);
  }

  get isWhole(): boolean {
    return this.received === this.total;
  }

  /** Takes the bytes of one piece. @throws RpcError protocol.malformed */
  add(parts: readonly Buffer_[]): void {
    for (const part of parts) this.addPart(bytesOf(part));
  }

  private addPart(data: Uint8Array): void {
    if (data.length > this.total - this.received) {
      throw malformed("its pieces are longer than it said");
    }
    this.received += data.length;
    let done = 0;
    while (done < data.length) {
      const buffer = this.buffers[this.index] as ArrayBuffer;
      const taken = Math.min(buffer.byteLength - this.offset, data.length - done);
      new Uint8Array(buffer, this.offset, taken).set(data.subarray(done, done + taken));
      done += taken;
      this.offset += taken;
      if (this.offset === buffer.byteLength) {
        this.index += 1;
        this.offset = 0;
      }
    }
  }
}

function bytesOf(part: Buffer_): Uint8Array {
  if (part instanceof Uint8Array) return part;
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  throw malformed("a piece is not binary");
}

function allocate(size: number): ArrayBuffer {
  try {
    return new ArrayBuffer(size);
  } catch {
    throw new RpcError("protocol.too_large", `There is no memory for ${size} bytes.`);
  }
}

function checkSizes(sizes: unknown): number[] {
  if (!Array.isArray(sizes) || !sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw malformed("its sizes are not a list of numbers");
  }
  const total = sizes.reduce((sum: number, size: number) => sum + size, 0);
  if (sizes.length > LIMITS.buffers || total > LIMITS.frame) {
    const why = `it is over ${LIMITS.frame} bytes or has too many binary parts`;
    throw new RpcError("protocol.too_large", `A message is too large: ${why}.`);
  }
  return sizes;
}
