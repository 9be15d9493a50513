import { describe, expect, it } from "vitest";
import { isThief, mayTake, type Taking } from "./keyboard";

const typing: Taking = { covered: false, fromField: true, sinceTab: 9e9, pointed: false };

describe("mayTake", () => {
  it("leaves the keyboard in a field in which somebody types", () => {
    expect(mayTake(typing)).toBe(false);
  });

  it("lets a person go to a frame with the tabulator or the pointer", () => {
    expect(mayTake({ ...typing, sinceTab: 20 })).toBe(true);
    expect(mayTake({ ...typing, pointed: true })).toBe(true);
  });

  it("lets a frame have it when nobody types", () => {
    expect(mayTake({ ...typing, fromField: false })).toBe(true);
  });

  it("lets nothing below an open dialog have it", () => {
    expect(mayTake({ covered: true, fromField: false, sinceTab: 0, pointed: true })).toBe(false);
  });
});

describe("isThief", () => {
  it("takes one or two times for an accident", () => {
    expect(isThief([0, 100], 100)).toBe(false);
    expect(isThief([0, 100, 200], 200)).toBe(true);
  });

  it("sees also who waits in between", () => {
    const times = Array.from({ length: 8 }, (_, i) => i * 5000);
    expect(isThief(times.slice(0, 7), 30_000)).toBe(false);
    expect(isThief(times, 35_000)).toBe(true);
  });
});
