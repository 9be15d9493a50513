import { describe, expect, it } from "vitest";
import {
  arrayFromBytes,
  dtypeNamed,
  dtypeOfArray,
  findDType,
  parseWireDType,
  typedArrayName,
  wireDType,
} from "./dtypes";

describe("element types", () => {
  it.each([
    ["int8", "|i1", 1],
    ["uint8", "|u1", 1],
    ["int16", "<i2", 2],
    ["uint16", "<u2", 2],
    ["int32", "<i4", 4],
    ["uint32", "<u4", 4],
    ["int64", "<i8", 8],
    ["uint64", "<u8", 8],
    ["float16", "<f2", 2],
    ["float32", "<f4", 4],
    ["float64", "<f8", 8],
    ["bool", "|b1", 1],
    ["complex64", "<c8", 8],
    ["complex128", "<c16", 16],
  ])("%s is %s on the wire", (name, code, size) => {
    const dtype = dtypeNamed(name);
    expect([wireDType(dtype), dtype.itemSize]).toEqual([code, size]);
    expect(parseWireDType(code)).toEqual({ dtype, swapped: false });
    expect(findDType(code)).toBe(dtype);
  });

  it.each(["", "<", "f4", "=f4", "|f4", "<f1", "<f16", "<i16", "<c4", "<U4", "O", "<f4 ", "<b2"])(
    "%j is not a type of the wire",
    (text) => {
      expect(parseWireDType(text)).toBeUndefined();
    },
  );

  it("reads the other byte order, of complex numbers part by part", () => {
    const parsed = parseWireDType(">c8");
    const bytes = new Uint8Array([0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]);
    expect(parsed?.swapped).toBe(true);
    expect(arrayFromBytes(bytes, dtypeNamed("complex64"), true)).toEqual(new Float32Array([1, 2]));
    expect(parseWireDType(">u1")?.swapped).toBe(false);
  });

  it("copies only what is misaligned", () => {
    const bytes = new Uint8Array(12);
    const dtype = dtypeNamed("float32");
    expect(arrayFromBytes(bytes.subarray(4), dtype, false).buffer).toBe(bytes.buffer);
    expect(arrayFromBytes(bytes.subarray(1, 5), dtype, false).buffer).not.toBe(bytes.buffer);
  });

  it("knows a typed array by what it is, not by what it says", () => {
    expect(typedArrayName(new Float32Array(1))).toBe("Float32Array");
    for (const other of [
      { [Symbol.toStringTag]: "Uint8Array" },
      new DataView(new ArrayBuffer(1)),
      5,
    ]) {
      expect(typedArrayName(other)).toBeUndefined();
    }
    expect(dtypeOfArray(new Uint8ClampedArray(1)).name).toBe("uint8");
  });
});
