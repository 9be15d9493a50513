/** Small files and a small image for plugins that take some. */
import { NdArray } from "@imjoy/rpc";
import type { ImageData_ } from "../model";
import { fitsInputs } from "../plugins/inputs";
import { imageForPlugin } from "../workspaces/image-value";

/** A small file that a plugin takes, as a person would open with it; undefined for most. */
export function sampleFor(inputs: unknown): File | undefined {
  if (inputs === null || inputs === undefined) return undefined;
  const table = "frame,x,y,intensity\n1,10.5,20.25,300\n2,11.5,21.75,310\n";
  const samples = [
    new File([table], "sample.csv", { type: "text/csv" }),
    new File([table.replaceAll(",", "\t")], "sample.txt", { type: "text/plain" }),
    new File(['{"name": "sample"}'], "sample.json", { type: "application/json" }),
  ];
  return samples.find((file) => fitsInputs(inputs, file));
}

export const IMAGE_NAME = "a sample image";
const SIDE = 64;

/** A grey image of a few bright discs, when a plugin may take it; undefined for other `inputs`. */
export function imageFor(inputs: unknown): ImageData_ | undefined {
  const pixels = new Uint8Array(SIDE * SIDE).fill(20);
  for (const [row, column, radius] of [
    [16, 16, 8],
    [20, 46, 6],
    [46, 30, 10],
  ] as const) {
    for (let at = 0; at < pixels.length; at += 1) {
      const [y, x] = [Math.floor(at / SIDE) - row, (at % SIDE) - column];
      if (y * y + x * x <= radius * radius) pixels[at] = 200;
    }
  }
  const image = { array: new NdArray(pixels, [SIDE, SIDE]), axes: "YX" };
  const isAny = inputs === null || inputs === undefined;
  return isAny || fitsInputs(inputs, imageForPlugin(IMAGE_NAME, image)) ? image : undefined;
}
