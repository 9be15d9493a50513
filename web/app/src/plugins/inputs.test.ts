import { NdArray } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { fitsInputs } from "./inputs";

const csv = new File(["a,b"], "Table.CSV", { type: "text/csv" });
const image = { type: "image", array: new NdArray(new Uint8Array(6), [2, 3]) };

describe("what fits the inputs of a plugin", () => {
  it.each([
    [
      "a name by its pattern",
      { type: "object", properties: { name: { pattern: "\\.(csv|CSV)$" } } },
      csv,
    ],
    ["a map of properties", { type: { enum: ["image"] } }, image],
    ["a file by its ending", { file: { ext: [".csv", "txt"], maxSize: 10 } }, csv],
    ["a file by its kind", { file: { mime: "text/*" } }, csv],
    [
      "an array by its shape",
      { properties: { array: { ndarray: { shape: [null, 3], dtype: "uint8" } } } },
      image,
    ],
    ["an instance", { instanceof: "File" }, csv],
    ["one of several", { anyOf: [{ type: "string" }, { type: "integer", minimum: 2 }] }, 3],
    [
      "not what is excluded",
      { type: "object", not: { properties: { type: { const: "x" } }, required: ["type"] } },
      image,
    ],
  ])("%s", (_, schema, value) => expect(fitsInputs(schema, value)).toBe(true));

  it.each([
    ["no schema", null, csv],
    ["a property that is missing", { properties: { none: {} } }, image],
    ["another pattern", { properties: { name: { pattern: "tif$" } } }, csv],
    ["another ending", { file: { ext: "png" } }, csv],
    ["a smaller array", { properties: { array: { ndarray: { ndim: 3 } } } }, image],
    ["a pattern that is none", { properties: { name: { pattern: "(" } } }, csv],
    ["a class that nobody knows", { instanceof: "constructor" }, csv],
    ["a property of every object", { properties: { constructor: {} } }, image],
  ])("refuses %s", (_, schema, value) => expect(fitsInputs(schema, value)).toBe(false));
});
