/** What is shown as black and white, how axes are understood, and numbers of every type. */
import { NdArray, type TypedArray } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { channelColors, parseColor } from "./colors";
import { BINS, contrastOf, sample } from "./contrast";
import { layoutOf } from "./layout";
import { LoadedImage } from "./loaded-image";
import { drawable, type Numbers } from "./numbers";

function contrast(data: Numbers, color = false) {
  return contrastOf(data, { planes: [0], count: data.length, step: 1 }, color);
}

describe("contrastOf", () => {
  it("leaves bytes as they are, and stretches masks", () => {
    expect(contrast(Uint8Array.of(3, 200)).start).toEqual([0, 255]);
    expect(contrast(Uint8Array.of(0, 1, 1)).start).toEqual([0, 1]);
    expect(contrast(Uint8Array.of(0, 9), true).start).toEqual([0, 255]);
    expect(contrast(Uint8Array.of(0, 0)).start).toEqual([0, 1]);
    // Until it is asked for.
    expect(contrast(Uint8Array.of(3, 200)).auto).toEqual([3, 200]);
    expect(contrast(Uint8Array.of(3, 200), true).auto).toEqual([0, 255]);
  });

  it("leaves out the few darkest and brightest of 16 bits", () => {
    const data = Uint16Array.from({ length: 10_000 }, (_, i) => 1000 + (i % 1000));
    data[0] = 0;
    data[1] = 65_535;
    const { auto, full, range, start } = contrast(data);
    expect(start).toEqual(auto);
    expect(auto).toEqual([1003, 1996]);
    expect(full).toEqual([0, 65_535]);
    expect(range).toEqual([0, 65_535]);
  });

  it("always gives a window with some width", () => {
    for (const data of [
      new Uint16Array(9),
      new Float32Array(9).fill(-3),
      new Float32Array(3).fill(Number.NaN),
      new Uint16Array(0),
    ]) {
      const { auto, full, range } = contrast(data);
      for (const [low, high] of [auto, full, range]) expect(high).toBeGreaterThan(low);
    }
  });

  it("shows an image that is nearly all background", () => {
    const data = new Uint16Array(10_000);
    data[5] = 4000;
    expect(contrast(data).auto).toEqual([0, 4000]);
  });

  it("counts every value once", () => {
    const { histogram, range } = contrast(Float32Array.of(0, 1, 2, 3, Number.NaN, 4));
    expect(range).toEqual([0, 4]);
    expect(histogram).toHaveLength(BINS);
    expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(histogram[0]).toBe(1);
    expect(histogram[BINS - 1]).toBe(1);
  });

  it("samples big images", () => {
    const data = new Uint8Array(8_000_000).fill(5);
    const values = sample(data, { planes: [0], count: data.length, step: 1 });
    expect(values.length).toBeLessThanOrEqual(1_000_000);
    expect(values.length).toBeGreaterThan(500_000);
  });
});

describe("layoutOf", () => {
  it("knows where everything is", () => {
    const { size, stride } = layoutOf([2, 3, 4, 5], "ZCYX");
    expect(size).toEqual({ T: 1, Z: 2, C: 3, Y: 4, X: 5, S: 1 });
    expect(stride).toEqual({ T: 0, Z: 60, C: 20, Y: 5, X: 1, S: 0 });
  });

  it("takes any order, lower case and unknown letters", () => {
    expect(layoutOf([7, 8], "XY").size).toMatchObject({ X: 7, Y: 8 });
    expect(layoutOf([7, 8], "yx").axes).toBe("YX");
    expect(layoutOf([6, 7, 8], "QYX").axes).toBe("ZYX");
  });

  it("guesses where names are missing or wrong", () => {
    expect(layoutOf([7, 8], "").axes).toBe("YX");
    expect(layoutOf([20, 30, 3], "YX").axes).toBe("YXS");
    expect(layoutOf([3, 30, 20], "").axes).toBe("CYX");
    expect(layoutOf([30, 30, 20], "XXX").axes).toBe("ZYX");
    expect(layoutOf([5, 2, 30, 20], "").axes).toBe("ZCYX");
    expect(layoutOf([5, 2, 30, 20, 3], "").axes).toBe("TZYXS");
    expect(new Set(layoutOf([2, 5, 2, 30, 20, 3], "").axes).size).toBe(6);
    expect(() => layoutOf([7], "X")).toThrow(/dimensions/);
  });
});

describe("drawable", () => {
  const numbers = (data: TypedArray, dtype?: string): number[] => [
    ...drawable(
      new NdArray(data, [dtype?.startsWith("complex") ? data.length / 2 : data.length], dtype),
    ),
  ];

  it("makes numbers of every type", () => {
    expect(numbers(BigInt64Array.of(0n, -5n, 2_000_000_000n))).toEqual([0, -5, 2_000_000_000]);
    expect(numbers(BigInt64Array.of(-1n, 5_000_000_000n, -5_000_000_000n))).toEqual([
      -1, 5e9, -5e9,
    ]);
    expect(numbers(BigUint64Array.of(1n, 0xffffffffn))).toEqual([1, 4_294_967_295]);
    expect(numbers(Float32Array.of(3, 4, 0, -1), "complex64")).toEqual([5, 1]);
    expect(numbers(Uint8Array.of(0, 1), "bool")).toEqual([0, 1]);
  });

  it("does not copy what can be drawn", () => {
    const data = Uint16Array.of(1, 2);
    expect(drawable(new NdArray(data, [2]))).toBe(data);
  });
});

describe("channelColors", () => {
  it("follows the names, and gives every channel its own", () => {
    expect(channelColors(1)).toEqual(["#ffffff"]);
    expect(channelColors(2)).toEqual(["#00e000", "#ff00ff"]);
    expect(channelColors(3, ["DAPI", "GFP", "mCherry"])).toEqual(["#4d7dff", "#00e000", "#ff3030"]);
    expect(new Set(channelColors(7, ["DAPI", "DAPI"])).size).toBe(7);
    expect(channelColors(30)).toHaveLength(30);
    expect(parseColor("#ff8000")).toEqual([255, 128, 0]);
    expect(parseColor("red")).toEqual([255, 255, 255]);
  });
});

describe("LoadedImage", () => {
  const array = new NdArray(
    Uint16Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i),
    [2, 3, 4, 5],
  );

  it("finds values and labels by place", () => {
    const labels = new NdArray(
      Int32Array.from({ length: 20 }, (_, i) => i),
      [4, 5],
    );
    const image = new LoadedImage({ array, axes: "ZCYX", labels });
    expect(image.valuesAt(4, 2, 1, 0)).toEqual([74, 94, 114]);
    expect(image.labelAt(4, 2, 1, 0)).toBe(14);
    expect(image.channels().map((channel) => channel.contrast.range)).toEqual([
      [0, 79],
      [20, 99],
      [40, 119],
    ]);
  });

  it("takes labels for each slice", () => {
    const labels = new NdArray(
      Uint8Array.from({ length: 40 }, (_, i) => i),
      [2, 4, 5],
    );
    expect(new LoadedImage({ array, axes: "ZCYX", labels }).labelAt(0, 0, 1, 0)).toBe(20);
    expect(new LoadedImage({ array, axes: "TCYX", labels }).labelAt(0, 0, 0, 1)).toBe(20);
  });

  it("says why labels cannot be shown", () => {
    const labels = new NdArray(new Int32Array(9), [3, 3]);
    const image = new LoadedImage({ array, axes: "ZCYX", labels });
    expect(image.labels).toBeNull();
    expect(image.labelProblem).toContain("3 x 3");
    expect(image.labelAt(0, 0, 0, 0)).toBeNull();
  });

  it("treats two samples per pixel as two channels", () => {
    const pair = new NdArray(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2]);
    const image = new LoadedImage({ array: pair, axes: "YXS" });
    expect(image.color).toBe(false);
    expect(image.channels()).toHaveLength(2);
    expect(image.valuesAt(1, 0, 0, 0)).toEqual([3, 4]);
  });
});
