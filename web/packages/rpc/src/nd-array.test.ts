import { describe, expect, it } from "vitest";
import { NdArray } from "./nd-array";

describe("NdArray", () => {
  it("takes typed arrays as they are", () => {
    const data = new Uint16Array([1, 2, 3, 4, 5, 6]);
    const array = NdArray.from(data, [2, 3]);
    expect(array.data).toBe(data);
    expect([array.dtype, array.size, [...array.shape]]).toEqual(["uint16", 6, [2, 3]]);
    expect(NdArray.from(data).shape).toEqual([6]);
  });

  it("takes bytes with an element type", () => {
    const bytes = new Float32Array([1, 2]).buffer;
    expect(NdArray.from(bytes, [2, 1], "float32").data).toEqual(new Float32Array([1, 2]));
    expect(NdArray.from(bytes, undefined, "complex64").shape).toEqual([1]);
  });

  it("takes lists, nested or flat", () => {
    const array = NdArray.from([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([array.dtype, [...array.shape], [...array.data]]).toEqual([
      "float64",
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(NdArray.from([1, 2], [2], "int64").data).toEqual(new BigInt64Array([1n, 2n]));
    expect(NdArray.from([], undefined, "uint8").shape).toEqual([0]);
  });

  it("has a scalar when it has no dimensions", () => {
    expect(NdArray.from(new Float64Array([5]), []).size).toBe(1);
  });

  it.each([
    [new Uint8Array(5), [2, 3], undefined],
    [new Uint8Array(6), [-2, -3], undefined],
    [new Uint8Array(6), [1.5, 4], undefined],
    [new Uint8Array(6), [6], "float32"],
    [new Uint8Array(6), [6], "text"],
    [new Float32Array(3), [3], "complex64"],
    [new ArrayBuffer(3), [1], "float32"],
    [[[1, 2], [3]], undefined, undefined],
  ])("refuses data that does not fit its shape and type: case %#", (data, shape, dtype) => {
    expect(() => NdArray.from(data as Uint8Array, shape, dtype)).toThrow(
      expect.objectContaining({ code: "rpc.unserializable" }),
    );
  });

  it("has the names of earlier versions, which do not show among its own", () => {
    const whole = new Uint8Array([9, 1, 2, 9]);
    const array = NdArray.from(whole.subarray(1, 3), [2]);
    expect([array._rtype, array._rdtype, array._rshape]).toEqual(["ndarray", "uint8", [2]]);
    expect(new Uint8Array(array._rvalue)).toEqual(new Uint8Array([1, 2]));
    const { __jailed_type__: type, __shape__: shape, __dtype__: dtype, __value__: value } = array;
    expect([type, shape, dtype]).toEqual(["ndarray", [2], "uint8"]);
    expect(new Uint8Array(value)).toEqual(new Uint8Array([1, 2]));
    expect(Object.keys(array)).toEqual(["data", "shape", "dtype"]);
  });
});
