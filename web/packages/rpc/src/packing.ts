/** Deflates binary parts for connections that are slow, and inflates those that come so. */
import { type Buffer_, byteLength, isBlob, malformed } from "./protocol/frame";
import { SESSION } from "./protocol/messages";
import { Pace } from "./protocol/pace";
import type { AnyFrame } from "./protocol/pieces";

/** The name by which both sides say that they can inflate. */
export const PACKING = "deflate";

const { pack_from: FROM, pack_sample: SAMPLE, pack_most: MOST } = SESSION;
/** What does not lose this share of a sample is sent as it is. */
const WORTH = 0.9;

/** Stands between a session and one socket; packs while that is slow, for who can unpack. */
export class Packer {
  private readonly pace = new Pace();
  private readonly understood: boolean;

  constructor(understood: unknown) {
    this.understood = understood === PACKING;
  }

  /** Whether a frame is to go through `pack` before it is sent. */
  wants({ buffers }: AnyFrame, now: number): boolean {
    if (!this.understood || buffers.length === 0) return false;
    const size = sizeOf(buffers);
    return size >= FROM && size <= MOST && this.pace.isSlow(now);
  }

  /** The frame as it goes on the socket. The one that is given, without Blobs, stays as it is. */
  async pack(frame: AnyFrame): Promise<AnyFrame> {
    const packed = await Promise.all(frame.buffers.map(deflate));
    if (packed.every((part) => part === null)) return frame;
    const sizes = frame.buffers.map((part, at) => (packed[at] ? byteLength(part) : null));
    const buffers = frame.buffers.map((part, at) => packed[at] ?? part);
    return { header: { ...frame.header, packed: sizes }, body: frame.body, buffers };
  }

  /** A frame goes on the socket. */
  sent({ header, buffers }: AnyFrame, now: number): void {
    if (buffers.length === 0 || !this.understood) return;
    const size = sizeOf(buffers);
    if (size >= SAMPLE && typeof header.seq === "number") this.pace.note(header.seq, size, now);
  }

  /** The other side acknowledges what it has. */
  arrived(ack: unknown, now: number): void {
    this.pace.arrived(ack, now);
  }
}

/** The frame as it was before it was packed. @throws RpcError protocol.malformed */
export async function unpack({ header, body, buffers }: AnyFrame): Promise<AnyFrame> {
  const { packed, ...rest } = header;
  const fits = Array.isArray(packed) && packed.length === buffers.length;
  if (!fits) throw malformed("its packed parts do not match");
  const sizes = packed.filter((size) => size !== null);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!sizes.every(isSize) || sizes.reduce((sum, size) => sum + size, 0) > MOST) {
    throw malformed("its packed parts have sizes that cannot be");
  }
  const whole = buffers.map((part, at) => (packed[at] === null ? part : inflate(part, packed[at])));
  return { header: rest, body, buffers: await Promise.all(whole) };
}

/** The part made smaller; null when that is not worth it. */
async function deflate(part: Buffer_): Promise<ArrayBuffer | null> {
  if (isBlob(part) || part.byteLength < FROM) return null;
  const bytes = part instanceof ArrayBuffer ? new Uint8Array(part) : part;
  const middle = Math.floor((bytes.length - SAMPLE) / 2);
  const sample = await deflated(bytes.subarray(middle, middle + SAMPLE));
  if (sample.byteLength > WORTH * SAMPLE) return null;
  const packed = await deflated(bytes);
  return packed.byteLength < WORTH * bytes.length ? packed : null;
}

function deflated(bytes: Uint8Array): Promise<ArrayBuffer> {
  const stream = streamOf(bytes).pipeThrough(new CompressionStream(PACKING));
  return new Response(stream).arrayBuffer();
}

/** Exactly `size` bytes; the rest of what would be more is never asked for. */
async function inflate(part: Buffer_, size: number): Promise<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let length = 0;
  try {
    const bytes = isBlob(part) ? part : new Uint8Array(part as ArrayBuffer);
    const stream = streamOf(bytes).pipeThrough(new DecompressionStream(PACKING));
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > size) {
        await reader.cancel();
        length = Number.POSITIVE_INFINITY;
        break;
      }
      whole.set(value, length);
      length += value.length;
    }
  } catch (error) {
    throw malformed(`a packed part is broken (${error})`);
  }
  if (length !== size) throw malformed("a packed part is not as long as it says");
  return whole.buffer;
}

function streamOf(bytes: Uint8Array | Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes as BlobPart]).stream();
}

function sizeOf(buffers: readonly Buffer_[]): number {
  return buffers.reduce((sum, part) => sum + byteLength(part), 0);
}
