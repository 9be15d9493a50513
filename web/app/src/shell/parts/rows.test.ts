import { describe, expect, it } from "vitest";
import { Rows } from "./rows";

describe("rows of a long list", () => {
  it("draw only what is seen, and leave the room of the others", () => {
    const rows = new Rows(20_000, 20);
    expect(rows.between(0, 100)).toEqual({ from: 0, to: 6, before: 0, after: 399_880 });
    expect(rows.between(200_010, 200_050)).toEqual({
      from: 10_000,
      to: 10_003,
      before: 200_000,
      after: 199_940,
    });
    expect(rows.between(1e9, 2e9).to).toBe(20_000);
  });

  it("move when one of them is measured", () => {
    const rows = new Rows(100, 10);
    expect(rows.measured(3, 50)).toBe(true);
    expect(rows.measured(3, 50)).toBe(false);
    expect([rows.top(3), rows.top(4), rows.top(100)]).toEqual([30, 80, 1040]);
    expect(rows.between(79, 80)).toMatchObject({ from: 3, to: 5 });
  });

  it("keep their heights when there are more or fewer", () => {
    const rows = new Rows(2, 10);
    rows.measured(1, 30);
    rows.resize(4);
    expect(rows.top(4)).toBe(60);
    rows.resize(1);
    expect(rows.top(1)).toBe(10);
    rows.resize(0);
    expect(rows.between(0, 500)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
  });
});
