/** What a reader hands back: plain data that can be sent from the data worker to the page. */
import type { TypedArray } from "@imjoy/rpc";

export interface DecodedImage {
  /** Elements in C order. */
  data: TypedArray;
  shape: number[];
  dtype: string;
  axes: string;
  channelNames?: string[];
  info: Record<string, string>;
}

/** Names for the axes of an array that comes without: the last two are Y and X, unless the last is colour. */
export function guessAxes(shape: readonly number[]): string {
  const last = shape.at(-1) ?? 0;
  const color = shape.length >= 3 && (last === 3 || last === 4) && (shape.at(-3) ?? 0) > 4;
  const leading = shape.length - (color ? 3 : 2);
  const tail = color ? "YXS" : "YX";
  if (leading <= 0) return tail.slice(-shape.length);
  if (leading === 1) return (!color && (shape[0] ?? 0) <= 4 ? "C" : "Z") + tail;
  const names = color ? "TZ" : "TZC";
  return names.slice(-leading).padStart(leading, "?") + tail;
}

/** Removes the alpha channel of interleaved RGBA samples when it is opaque everywhere. */
export function dropOpaqueAlpha<T extends Uint8Array | Uint16Array>(
  rgba: T,
  opaque: number,
): { data: T; samples: 3 | 4 } {
  for (let index = 3; index < rgba.length; index += 4) {
    if (rgba[index] !== opaque) return { data: rgba, samples: 4 };
  }
  const rgb = new (rgba.constructor as new (length: number) => T)((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] as number;
    rgb[to + 1] = rgba[from + 1] as number;
    rgb[to + 2] = rgba[from + 2] as number;
  }
  return { data: rgb, samples: 3 };
}
