import { describe, expect, it } from "vitest";
import { lookAt } from "../bitmap";
import { wholeJpeg } from "./jpeg";

const TABLE = [0xff, 0xdb, 0, 4, 1, 2];
const SIZE = [0xff, 0xc0, 0, 11, 8, 0, 5, 0, 7, 1, 1, 0x11, 0];
const OLD_NOTE = [0xff, 0xee, 0, 4, 9, 9];
const SCAN = [0xff, 0xda, 0, 2, 42, 43, 0xff, 0xd9];
const PART = Uint8Array.from([0xff, 0xd8, ...OLD_NOTE, ...SIZE, ...SCAN]);

describe("wholeJpeg", () => {
  it("puts the shared tables before the part, and the colours of the page in place of its note", () => {
    const tables = [0xff, 0xd8, ...TABLE, 0xff, 0xd9];
    const whole = [...wholeJpeg(PART, tables, true)];
    const note = whole.slice(2, 18);
    expect(String.fromCharCode(...note.slice(4, 9))).toBe("Adobe");
    expect(note.at(-1)).toBe(1);
    expect(whole.slice(18)).toEqual([...TABLE, ...SIZE, ...SCAN]);
    expect(wholeJpeg(PART, [], false)[17]).toBe(0);
    expect(lookAt(Uint8Array.from(whole), "JPEG")).toEqual({ width: 7, height: 5, grey: true });
  });

  it.each([
    ["no picture", [1, 2, 3, 4]],
    ["a break between segments", [0xff, 0xd8, 1, 2, 3, 4]],
    ["nothing", []],
  ])("refuses %s", (_, bytes) => {
    expect(() => wholeJpeg(Uint8Array.from(bytes), [], false)).toThrow(/JPEG part/);
  });
});
