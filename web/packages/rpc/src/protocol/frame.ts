/** A frame: a flat header, a body of JSON text and the binary parts that the body refers to. */
import { copyOf } from "../dtypes";
import { RpcError, toErrorRecord } from "../errors";
import { checkHeader, type Header, LIMITS } from "./messages";

export type { Header } from "./messages";

/** A binary part. Between browser contexts it may be a Blob, which is read only when it is needed. */
export type Buffer_ = ArrayBuffer | Uint8Array | Blob;

export interface Frame {
  header: Header;
  body: string;
  buffers: Buffer_[];
}

export type SendFrame = (frame: Frame, transfer?: Transferable[]) => void;

export function malformed(why: string): RpcError {
  return new RpcError("protocol.malformed", `A message is not well formed: ${why}.`);
}

/** Bytes of one binary part. Raises protocol.malformed when it is none. */
export function byteLength(buffer: unknown): number {
  if (buffer instanceof ArrayBuffer || buffer instanceof Uint8Array) return buffer.byteLength;
  if (isBlob(buffer)) return buffer.size;
  throw malformed("a binary part is neither bytes nor a Blob");
}

export function isBlob(value: unknown): value is Blob {
  return typeof Blob !== "undefined" && value instanceof Blob;
}

/** Whether this is memory that stays as large as it is: sockets and `structuredClone` take no other. */
export function isFixed(memory: ArrayBufferLike): memory is ArrayBuffer {
  return memory instanceof ArrayBuffer && (memory as { resizable?: boolean }).resizable !== true;
}

/** The frame with copies of the parts that lie in memory which can grow, as a plugin may send them. */
export function withFixedBuffers(frame: Frame): Frame {
  const isBad = (part: Buffer_) =>
    !isBlob(part) && !isFixed(part instanceof ArrayBuffer ? part : part.buffer);
  if (!frame.buffers.some(isBad)) return frame;
  const fixed = (part: Buffer_) =>
    isBad(part) ? copyOf(new Uint8Array(part as ArrayBuffer)).buffer : part;
  return { ...frame, buffers: frame.buffers.map(fixed) };
}

/** A frame out of whatever arrived. Raises protocol.malformed. */
export function checkFrame(data: unknown): Frame {
  if (typeof data !== "object" || data === null) throw malformed("it is not a frame");
  const { header, body, buffers } = data as Partial<Frame>;
  if (typeof body !== "string") throw malformed("its body is not text");
  if (!Array.isArray(buffers)) throw malformed("its binary parts are not a list");
  return { header: checkHeader(header), body, buffers };
}

/** Raises protocol.too_large when the frame is over the limits of the protocol. */
export function checkSize(body: string, buffers: readonly Buffer_[]): void {
  if (buffers.length > LIMITS.buffers) {
    throw tooLarge(`it has more than ${LIMITS.buffers} binary parts`);
  }
  const bodySize = utf8Length(body, LIMITS.body);
  if (bodySize > LIMITS.body) throw tooLarge(`its text is over ${LIMITS.body} bytes`);
  let total = bodySize;
  for (const buffer of buffers) total += byteLength(buffer);
  if (total > LIMITS.frame) throw tooLarge(`it is over ${LIMITS.frame} bytes`);
}

/** Bytes of the parts that are copied when a frame is passed on; a Blob is not. */
export function bulkOf({ buffers }: Frame): number {
  let bytes = 0;
  for (const buffer of buffers) if (!isBlob(buffer)) bytes += byteLength(buffer);
  return bytes;
}

/** Every ArrayBuffer of a frame once: what can be moved when nobody here reads the frame again. */
export function transferList(frame: Frame): Transferable[] {
  return [...new Set(frame.buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}

/** The frame with the bytes of its Blobs, for links that carry only bytes. Mind the order of frames. */
export async function withBytes(frame: Frame): Promise<Frame> {
  const buffers = frame.buffers.map((buffer) => (isBlob(buffer) ? buffer.arrayBuffer() : buffer));
  return { ...frame, buffers: await Promise.all(buffers) };
}

/** The error that ends the call of a frame which did not arrive; undefined when it is of no call. */
export function answerTo(header: Header, error: unknown, from?: string): Frame | undefined {
  const { type, to } = header;
  if (type !== "call" && type !== "result" && type !== "error") return undefined;
  const ends = type === "call" ? { to: header.from, from: from ?? to } : { to, from: header.from };
  const record = { ...toErrorRecord(error), traceback: null, data: null, cause: null };
  const body = JSON.stringify(record);
  return { header: { type: "error", id: header.id, ...ends }, body, buffers: [] };
}

function tooLarge(why: string): RpcError {
  return new RpcError("protocol.too_large", `A message is too large: ${why}.`);
}

// Counting the bytes exactly costs a pass over the text, so it is done only near the limit.
function utf8Length(text: string, limit: number): number {
  if (text.length * 3 <= limit || text.length > limit) return text.length;
  return new TextEncoder().encode(text).byteLength;
}
