/** Images as bytes that can be kept: a header in JSON, then the numbers as they are. */
import { NdArray } from "@imjoy/rpc";
import type { ImageData_ } from "../model";
import { sha256 } from "../plugins/sha256";

interface ArrayHeader {
  dtype: string;
  shape: readonly number[];
  bytes: number;
}

interface Header {
  axes: string;
  channelNames?: string[];
  info?: Record<string, string>;
  array: ArrayHeader;
  labels?: ArrayHeader;
}

export function imageToBytes(image: ImageData_): Uint8Array<ArrayBuffer> {
  const { axes, channelNames, info, array, labels } = image;
  const header: Header = {
    axes,
    ...(channelNames ? { channelNames } : {}),
    ...(info ? { info } : {}),
    array: headerOf(array),
    ...(labels ? { labels: headerOf(labels) } : {}),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const arrays = [array, ...(labels ? [labels] : [])].map(bytesOf);
  const result = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 4 + text.length));
  new DataView(result.buffer).setUint32(0, text.length, true);
  result.set(text, 4);
  let at = 4 + text.length;
  for (const bytes of arrays) {
    result.set(bytes, at);
    at += bytes.length;
  }
  return result;
}

/** @throws when the bytes are not those of an image */
export function imageFromBytes(bytes: Uint8Array<ArrayBuffer>): ImageData_ {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  let at = 4 + length;
  const take = ({ dtype, shape, bytes: size }: ArrayHeader): NdArray => {
    const part = bytes.slice(at, at + size);
    at += size;
    return NdArray.from(part.buffer, shape, dtype);
  };
  const image: ImageData_ = { array: take(header.array), axes: header.axes };
  if (header.channelNames) image.channelNames = header.channelNames;
  if (header.info) image.info = header.info;
  if (header.labels) image.labels = take(header.labels);
  return image;
}

/** The SHA-256 in hex; by the browser where it may, as that does not hold up the page. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) return sha256(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function headerOf(array: NdArray): ArrayHeader {
  return { dtype: array.dtype, shape: array.shape, bytes: array.data.byteLength };
}

function bytesOf({ data }: NdArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
