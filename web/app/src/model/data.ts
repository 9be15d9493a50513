/** What data is: images, items, samples. */
import type { NdArray } from "@imjoy/rpc";

/** Pixels with named axes. `axes` has one letter for each dimension: T Z C Y X, S for interleaved RGB(A) samples. */
export interface ImageData_ {
  array: NdArray;
  axes: string;
  channelNames?: string[];
  /** Integer labels of shape [Y, X] (or [Z, Y, X]) drawn over the image; 0 is background. */
  labels?: NdArray;
  /** Facts to show: format, bit depth, compression, pixel size with unit. */
  info?: Record<string, string>;
}

export interface DataItem {
  id: string;
  name: string;
  image: ImageData_;
  /** Where it came from, in words: "sample", "cells.tif", "result of Coins". */
  origin: string;
  bytes: number;
}

export interface Sample {
  id: string;
  name: string;
  description: string;
  /** Relative to the app's base address. */
  path: string;
}
