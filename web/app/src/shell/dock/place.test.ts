import { describe, expect, it } from "vitest";
import { splitOf } from "./place";
import { columnsFor } from "./tile";

describe("a new window", () => {
  it("splits an area along its longer side while both halves are of use", () => {
    expect(splitOf({ width: 900, height: 700 })).toBe("right");
    expect(splitOf({ width: 450, height: 700 })).toBe("below");
    expect(splitOf({ width: 700, height: 900 })).toBe("below");
    expect(splitOf({ width: 800, height: 300 })).toBe("right");
    expect(splitOf({ width: 700, height: 400 })).toBe("right");
    expect(splitOf({ width: 400, height: 400 })).toBeNull();
  });
});

describe("tiling", () => {
  it("takes as many columns as make the tiles nearest to a square", () => {
    expect(columnsFor(1, { width: 900, height: 600 })).toBe(1);
    expect(columnsFor(4, { width: 800, height: 800 })).toBe(2);
    expect(columnsFor(6, { width: 900, height: 600 })).toBe(3);
    expect(columnsFor(3, { width: 3840, height: 1000 })).toBe(3);
    expect(columnsFor(5, { width: 375, height: 700 })).toBe(2);
    expect(columnsFor(2, { width: 0, height: 0 })).toBe(1);
  });
});
