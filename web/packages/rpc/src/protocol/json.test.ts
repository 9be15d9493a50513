import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeJson } from "./json";

describe("writeJson", () => {
  it("writes what JSON.parse reads, as JSON.stringify does", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(writeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("writes large numbers with an exponent and exactly", () => {
    for (const value of [2 ** 53, 2 ** 60, -(2 ** 63), 1e20, 1e21, Number.MAX_VALUE]) {
      expect(writeJson([value])).toMatch(/^\[-?[0-9.]+e\+[0-9]+\]$/);
      expect(JSON.parse(writeJson(value))).toBe(value);
    }
    expect(writeJson([2 ** 53 - 1, 0.5, 1e-7])).toBe("[9007199254740991,0.5,1e-7]");
  });
});
