import { describe, expect, it } from "vitest";
import { imageFor, sampleFor } from "./samples";

describe("what plugins are given to try them", () => {
  it("is a file of the kind that their inputs name", () => {
    expect(sampleFor({ file: { ext: "csv" } })?.name).toBe("sample.csv");
    expect(sampleFor({ properties: { name: { pattern: "json$" } } })?.type).toBe(
      "application/json",
    );
    expect(sampleFor(null)).toBeUndefined();
    expect(sampleFor({ file: { ext: "xyz" } })).toBeUndefined();
  });

  it("is an image of more than one value, unless they take something else", () => {
    const image = imageFor(null);
    expect(image).toMatchObject({ axes: "YX", array: { shape: [64, 64], dtype: "uint8" } });
    expect(new Set(image?.array.data as Uint8Array).size).toBe(2);
    expect(imageFor({ properties: { image: { ndarray: { ndim: 2 } } } })).toBeDefined();
    expect(imageFor({ file: { ext: "csv" } })).toBeUndefined();
  });
});
