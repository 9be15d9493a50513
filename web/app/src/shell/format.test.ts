import { afterEach, describe, expect, it } from "vitest";
import type { Job } from "../model";
import { formatAmount, formatBytes } from "./format";
import { useLanguage } from "./messages";

const job = (facts: Partial<Job>) => ({ done: 0, total: 0, unit: "", left: null, ...facts }) as Job;

afterEach(() => useLanguage("en"));

describe("amounts", () => {
  it("of bytes are written in the largest unit", () => {
    expect([0, 999, 1500, 123_456, 25_300_000_000].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.5 kB",
      "123 kB",
      "25.3 GB",
    ]);
  });

  it("of a job say how much there is and how long it takes", () => {
    expect(formatAmount(job({ done: 1.5e6, unit: "bytes" }))).toBe("1.5 MB");
    expect(formatAmount(job({ done: 1.5e6, total: 3e6, unit: "bytes", left: 12 }))).toBe(
      "1.5 MB of 3.0 MB, about 12 s left",
    );
    expect(formatAmount(job({ done: 3, total: 4, unit: "packages" }))).toBe("3 of 4 packages");
    expect(formatAmount(job({ done: 1, total: 4 }))).toBe("25 %");
    expect(formatAmount(job({}))).toBe("");
  });

  it("are written as the language does it", async () => {
    await useLanguage("de");
    expect(formatAmount(job({ done: 1.5e6, total: 3e6, unit: "bytes", left: 12 }))).toBe(
      "1,5 MB von 3,0 MB, noch etwa 12 s",
    );
  });
});
