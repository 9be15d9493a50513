import { describe, expect, it } from "vitest";
import { isAddress, isWithin, newId, rootOf } from "./ids";

describe("ids", () => {
  it("are 32 hex digits and never the same", () => {
    const ids = Array.from({ length: 100 }, newId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(100);
  });

  it("make addresses of segments", () => {
    const [page, plugin] = [newId(), newId()];
    expect(isAddress(`${page}/${plugin}`)).toBe(true);
    for (const text of ["", `${page}/`, `/${page}`, `${page}\n`, "A".repeat(32), 5, null]) {
      expect(isAddress(text)).toBe(false);
    }
    expect(rootOf(`${page}/${plugin}`)).toBe(page);
    expect(rootOf(page)).toBe(page);
  });

  it("lie within their parents only", () => {
    expect(isWithin("a", "a")).toBe(true);
    expect(isWithin("a/b/c", "a")).toBe(true);
    expect(isWithin("ab", "a")).toBe(false);
    expect(isWithin("a", "a/b")).toBe(false);
  });
});
