import { describe, expect, it } from "vitest";
import { ExportTable } from "./exports";

describe("ExportTable", () => {
  it("keeps a function until every reference to it is released", () => {
    const table = new ExportTable();
    const fn = () => 1;
    const target = table.retain(fn, undefined, "a");
    expect(table.retain(fn, undefined, "a")).toBe(target);
    expect(table.retain(fn, undefined, "b")).toBe(target);
    table.release(target, "a", 1);
    table.release(target, "b", 1);
    expect(table.find(target)?.fn).toBe(fn);
    table.release(target, "a", 1);
    expect(table.find(target)).toBeUndefined();
  });

  it("does not let a peer release what another one holds", () => {
    const table = new ExportTable();
    const target = table.retain(() => 1, undefined, "a");
    table.release(target, "b", 1000);
    for (const count of [0, -5, Number.NaN]) table.release(target, "a", count);
    expect(table.find(target)).toBeDefined();
  });

  it("does not let anybody release a named function", () => {
    const table = new ExportTable();
    table.add("run", () => 1);
    table.release("run", "a", 1);
    expect(table.find("run")).toBeDefined();
  });

  it("forgets a peer and all below it", () => {
    const table = new ExportTable();
    const first = table.retain(() => 1, undefined, "e/x");
    const second = table.retain(() => 2, undefined, "ex");
    table.forget("e");
    expect([table.find(first), table.size]).toEqual([undefined, 1]);
    expect(table.find(second)).toBeDefined();
  });

  it("tells the same method of two objects apart", () => {
    const table = new ExportTable();
    const fn = () => 1;
    const [one, two] = [{}, {}];
    const target = table.retain(fn, one, "a");
    expect(table.retain(fn, one, "a")).toBe(target);
    expect(table.retain(fn, two, "a")).not.toBe(target);
  });
});
