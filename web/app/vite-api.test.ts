import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readApi } from "./vite-api";

const TYPES = join(import.meta.dirname, "../packages/sdk/src/api.ts");
const table = readApi();
const of = (name: string) => table.find((entry) => entry.name === name);

describe("the table of the api", () => {
  it("has every function that checks of plugins know by the interface", () => {
    const types = readFileSync(TYPES, "utf8");
    const body = types.slice(types.indexOf("export interface ImJoyApi"));
    const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => of(name as string) === undefined)).toEqual([]);
  });

  it("has parameters on one line, and what the function does", () => {
    expect(of("confirm")?.signature).toMatch(/^\(question: .*\): Promise<boolean>$/);
    expect(of("showDialog")?.signature).not.toContain("\n");
    expect(of("ndarray")?.signature).toContain("shape?: number[]");
    expect(of("TAG")?.signature).toBe(": string | null");
    expect(of("log")?.does).toBe("Adds a line to the log of the plugin.");
    expect(table.filter(({ does }) => does.length < 10)).toEqual([]);
    const without = table.filter(({ signature }) => signature === "").map(({ name }) => name);
    expect(without).not.toContain("createWindow");
    expect(without.length).toBeLessThan(10);
  });
});
