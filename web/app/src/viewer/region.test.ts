import { describe, expect, it } from "vitest";
import {
  CORNERS,
  cornerOf,
  grownBy,
  middleOf,
  movedBy,
  oppositeOf,
  regionAfterKey,
  regionBetween,
} from "./region";

const image = { width: 100, height: 50 };
const region = { x: 10, y: 20, width: 30, height: 10 };

describe("a region of an image", () => {
  it.each([
    [[1.2, 2.9], [5.5, 7.1], { x: 1, y: 2, width: 5, height: 6 }],
    [[5.5, 7.1], [1.2, 2.9], { x: 1, y: 2, width: 5, height: 6 }],
    [[3, 3], [3, 3], { x: 3, y: 3, width: 1, height: 1 }],
    [[-20, -5], [500, 500], { x: 0, y: 0, width: 100, height: 50 }],
    [[200, 90], [300, 95], { x: 99, y: 49, width: 1, height: 1 }],
  ] as const)("is what lies between %o and %o", (from, to, expected) => {
    expect(regionBetween(from, to, image)).toEqual(expected);
  });

  it("stays within the image, however far it is moved or grown", () => {
    expect(movedBy(region, 5, -3, image)).toEqual({ ...region, x: 15, y: 17 });
    expect(movedBy(region, 500, -500, image)).toEqual({ ...region, x: 70, y: 0 });
    expect(grownBy(region, 500, -500, image)).toEqual({ ...region, width: 90, height: 1 });
  });

  it("has corners with one opposite of each", () => {
    expect(CORNERS.map((corner) => cornerOf(region, corner))).toEqual([
      [10, 20],
      [40, 20],
      [40, 30],
      [10, 30],
    ]);
    expect(CORNERS.map(oppositeOf)).toEqual(["se", "sw", "nw", "ne"]);
  });

  it("begins in the middle of what is seen", () => {
    expect(middleOf({ x: 0, y: 0, width: 100, height: 50 })).toEqual({
      x: 25,
      y: 12,
      width: 50,
      height: 25,
    });
    expect(middleOf({ x: 4, y: 4, width: 1, height: 1 })).toMatchObject({ width: 1, height: 1 });
  });

  it.each([
    [{ key: "ArrowRight" }, { ...region, x: 11 }],
    [
      { key: "ArrowUp", ctrlKey: true },
      { ...region, y: 10 },
    ],
    [
      { key: "ArrowDown", shiftKey: true },
      { ...region, height: 11 },
    ],
    [
      { key: "ArrowLeft", shiftKey: true, ctrlKey: true },
      { ...region, width: 20 },
    ],
    [{ key: "a" }, null],
    [{ key: "ArrowUp", altKey: true }, null],
  ])("is changed by keys: %o", (event, expected) => {
    expect(regionAfterKey(event as KeyboardEvent, region, image)).toEqual(expected);
  });
});
