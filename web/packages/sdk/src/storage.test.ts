import { describe, expect, it } from "vitest";
import { makeStorage } from "./storage";

const open = (kept: Record<string, string> = {}) => {
  const told: unknown[] = [];
  const storage = makeStorage(kept, (...change) => told.push(change));
  return { storage, told };
};

describe("makeStorage", () => {
  it("starts with what was kept and tells of each change", () => {
    const { storage, told } = open({ a: "1" });
    expect(storage.getItem("a")).toBe("1");
    storage.setItem("b", 2 as unknown as string);
    storage.removeItem("a");
    storage.removeItem("never there");
    storage.clear();
    expect(storage.length).toBe(0);
    expect(told).toEqual([
      ["b", "2"],
      ["a", null],
      [null, null],
    ]);
  });

  it("has its keys as properties, as the browser's own", () => {
    const { storage, told } = open();
    storage.count = 7;
    expect(storage.count).toBe("7");
    expect("count" in storage).toBe(true);
    expect(Object.keys(storage)).toEqual(["count"]);
    expect(storage.key(0)).toBe("count");
    delete storage.count;
    expect(storage.getItem("count")).toBeNull();
    expect(told).toEqual([
      ["count", "7"],
      ["count", null],
    ]);
  });

  it("keeps names of objects as keys like any other", () => {
    const { storage } = open();
    storage.setItem("__proto__", "x");
    storage.setItem("constructor", "y");
    expect(storage.getItem("__proto__")).toBe("x");
    expect(storage.getItem("toString")).toBeNull();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("is full at 5 MB", () => {
    const { storage, told } = open();
    expect(() => storage.setItem("a", "x".repeat(6 << 20))).toThrow(/full/);
    expect(told).toEqual([]);
  });
});
