import type { SerializedDockview } from "dockview-core";
import { describe, expect, it } from "vitest";
import { fitted } from "./fitted";

const leaf = (id: string, views: string[], size: number) => ({
  type: "leaf",
  size,
  data: { id, views, activeView: views[0] },
});
const panels = (...ids: string[]) =>
  Object.fromEntries(ids.map((id) => [id, { id }])) as SerializedDockview["panels"];

/** Two columns, the second of two rows, and one window that floats. */
const LAYOUT = {
  grid: {
    width: 900,
    height: 600,
    orientation: "HORIZONTAL",
    root: {
      type: "branch",
      data: [
        leaf("1", ["a"], 300),
        { type: "branch", size: 600, data: [leaf("2", ["b"], 200), leaf("3", ["c", "d"], 400)] },
      ],
    },
  },
  panels: panels("a", "b", "c", "d", "e"),
  activeGroup: "1",
  floatingGroups: [{ data: { id: "4", views: ["e"], activeView: "e" }, position: {} }],
} as unknown as SerializedDockview;

describe("an arrangement of before", () => {
  it("is the same for the same windows", () => {
    expect(fitted(LAYOUT, LAYOUT.panels)).toEqual(LAYOUT);
  });

  it("loses windows that were closed, with their place", () => {
    const left = fitted(LAYOUT, panels("b", "d"));
    expect(left?.grid.root).toMatchObject({
      data: [{ size: 900, data: [{ data: { views: ["b"] } }, { data: { activeView: "d" } }] }],
    });
    expect(left?.floatingGroups).toEqual([]);
  });

  it("takes new windows in as tabs", () => {
    const more = fitted(LAYOUT, panels("a", "b", "c", "d", "e", "f"));
    expect(more?.grid.root).toMatchObject({ data: [{ data: { views: ["a", "f"] } }, {}] });
    expect(Object.keys(more?.panels ?? {})).toContain("f");
  });

  it("is none when nothing of it is left", () => {
    expect(fitted(LAYOUT, panels("x"))).toBeNull();
  });
});
