import { describe, expect, it } from "vitest";
import type { FileEntry, FileListing } from "../../model";
import { keyStep, rowsSeen, shownEntries } from "./file-list";

const file = (name: string, size = 1, modified = 0): FileEntry => ({
  name,
  path: `/open/${name}`,
  type: name.endsWith("/") ? "folder" : "file",
  size,
  modified,
});

const listing: FileListing = {
  path: "/open",
  parent: null,
  entries: [file("frame 10", 5, 1), file("frame 2", 1, 9), file("data/"), file("Notes", 3, 5)],
  more: false,
};

const names = (wish: Partial<Parameters<typeof shownEntries>[1]>): string[] =>
  shownEntries(listing, { search: "", order: "name", folder: false, ...wish }).map(
    ({ name }) => name,
  );

describe("the entries that are shown", () => {
  it("are in the order that is asked for, folders first, numbers as numbers", () => {
    expect(names({})).toEqual(["data/", "frame 2", "frame 10", "Notes"]);
    expect(names({ order: "newest" })).toEqual(["data/", "frame 2", "Notes", "frame 10"]);
    expect(names({ order: "largest" })).toEqual(["data/", "frame 10", "Notes", "frame 2"]);
  });

  it("have what is searched for in their name", () => {
    expect(names({ search: " FRAME " })).toEqual(["frame 2", "frame 10"]);
    expect(names({ folder: true })).toEqual(["data/"]);
    expect(shownEntries(null, { search: "", order: "name", folder: false })).toEqual([]);
  });
});

describe("the rows that are drawn", () => {
  it("are few, however many there are", () => {
    const seen = rowsSeen(20_000, { top: 300_000, height: 300, row: 30 });
    expect(seen.first).toBeLessThanOrEqual(10_000);
    expect(seen.end).toBeGreaterThanOrEqual(10_010);
    expect(seen.end - seen.first).toBeLessThan(40);
  });

  it("are all there is in a short list", () => {
    expect(rowsSeen(3, { top: 0, height: 300, row: 30 })).toEqual({ first: 0, end: 3 });
    expect(rowsSeen(3, { top: 9000, height: 300, row: 30 })).toEqual({ first: 3, end: 3 });
  });
});

it("moves by keys and stays in the list", () => {
  const from = (key: string, at = 5) => keyStep(key, { at, count: 20, page: 10 });
  expect(
    ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map((key) => from(key)),
  ).toEqual([6, 4, 15, 0, 0, 19]);
  expect(from("ArrowDown", 19)).toBe(19);
  expect(from("a")).toBeNull();
});
