/** Which values to show as black and as white, found from a sample of the pixels. */
import { isFloat, type Numbers } from "./numbers";

export type Window = [number, number];

export interface Contrast {
  /** Lowest and highest value, the ends of the sliders. */
  range: Window;
  /** The window to begin with: bytes and colours as they are, everything else stretched. */
  start: Window;
  /** All but the few darkest and brightest pixels, from black to white. */
  auto: Window;
  /** The window that shows every value of the type, or of the image. */
  full: Window;
  /** Counts of `BINS` equal parts of the range. */
  histogram: number[];
}

export const BINS = 64;
const MAX_SAMPLES = 1_000_000;
const MAX_SORTED = 200_000;
const LOW = 0.0035;
const HIGH = 0.9965;

/** Offsets of pixels in an array: for every `plane`, `count` elements `step` apart. */
export interface Sampling {
  planes: readonly number[];
  count: number;
  step: number;
}

/** Finite values, at most about a million of them, evenly spread. */
export function sample(data: Numbers, { planes, count, step }: Sampling): Float64Array {
  const stride = Math.max(1, Math.ceil((planes.length * count) / MAX_SAMPLES));
  // An odd stride does not run along the columns of images whose width is a power of two.
  const jump = stride > 1 && stride % 2 === 0 ? stride + 1 : stride;
  const out = new Float64Array(planes.length * Math.ceil(count / jump));
  let length = 0;
  for (const plane of planes) {
    for (let i = 0; i < count; i += jump) {
      const value = data[plane + i * step] as number;
      if (value - value === 0) out[length++] = value;
    }
  }
  return out.subarray(0, length);
}

/** `color` is for RGB images, whose values mean something by themselves. */
export function contrastOf(data: Numbers, sampling: Sampling, color: boolean): Contrast {
  const values = sample(data, sampling);
  const [low, high] = extremes(values);
  const full = fullWindow(data, low, high, color);
  const range = widened([Math.min(low, full[0]), Math.max(high, full[1])], low, high);
  const auto = color ? full : widened(percentiles(values), low, high);
  return {
    range,
    start: color || data.BYTES_PER_ELEMENT === 1 ? widened(full, low, high) : auto,
    auto,
    full: widened(full, low, high),
    histogram: histogramOf(values, range),
  };
}

function extremes(values: Float64Array): Window {
  let low = values[0] ?? 0;
  let high = values[0] ?? 1;
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}

// Sorting is the slow part; a fifth of the sample gives the same percentiles.
function percentiles(values: Float64Array): Window {
  const step = Math.max(1, Math.ceil(values.length / MAX_SORTED));
  const sorted = values.filter((_, index) => index % step === 0).sort();
  return [at(sorted, LOW), at(sorted, HIGH)];
}

function fullWindow(data: Numbers, low: number, high: number, color: boolean): Window {
  if (data instanceof Uint8Array) {
    // Masks and the like use only the first few of the 256 values.
    return !color && high < 64 ? [0, Math.max(1, high)] : [0, 255];
  }
  if (!color) return [low, high];
  if (isFloat(data) && low >= 0) return [0, high <= 1 ? 1 : Math.max(high, 255)];
  return [Math.min(0, low), high];
}

function at(sorted: Float64Array, part: number): number {
  return sorted[Math.round(part * (sorted.length - 1))] ?? 0;
}

/** A window has to have some width; images that are nearly all background need their whole range. */
function widened(window: Window, low: number, high: number): Window {
  if (window[1] > window[0]) return [window[0], window[1]];
  if (high > low) return [low, high];
  return [low, low + 1];
}

function histogramOf(values: Float64Array, [low, high]: Window): number[] {
  const bins = new Array<number>(BINS).fill(0);
  const scale = BINS / (high - low || 1);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((value - low) * scale)));
    bins[bin] = (bins[bin] as number) + 1;
  }
  return bins;
}
