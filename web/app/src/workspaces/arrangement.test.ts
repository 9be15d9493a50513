import { describe, expect, it } from "vitest";
import { isRearranged, movedBetween } from "./arrangement";

/** As the dock writes it down: two groups side by side. */
function layout(left: number, right: number, rest: { front?: string; order?: string[] } = {}) {
  const [first, second] = rest.order ?? ["a", "b"];
  const leaf = (view: string, size: number) => ({
    type: "leaf",
    data: { views: [view], activeView: view, id: view },
    size,
  });
  return {
    grid: {
      root: { type: "branch", data: [leaf(first as string, left), leaf(second as string, right)] },
      width: left + right,
      height: 600,
    },
    panels: { a: { id: "a", title: "A" }, b: { id: "b", title: "B" } },
    activeGroup: rest.front ?? "a",
  };
}

describe("an arrangement by a person", () => {
  it("is a window moved, or the border between two", () => {
    expect(isRearranged(layout(500, 500), layout(500, 500, { order: ["b", "a"] }))).toBe(true);
    expect(isRearranged(layout(500, 500), layout(700, 300))).toBe(true);
  });

  it("names the one window that was moved", () => {
    const before = layout(500, 500);
    const swapped = layout(500, 500, { order: ["b", "a"] });
    expect(movedBetween(before, swapped, "b")).toBe("b");
    expect(movedBetween(before, swapped, null)).toBe("a");
    expect(movedBetween(before, layout(700, 300), "a")).toBeNull();
    const alone = { type: "leaf", data: { views: ["a"] } };
    const grid = { root: { type: "branch", data: [alone] } };
    const floats = { ...before, grid, floatingGroups: [{ data: { views: ["b"] } }] };
    expect(movedBetween(before, floats, "a")).toBe("b");
  });

  it("is not a window that came to the front, nor another size of the page", () => {
    expect(isRearranged(layout(500, 500), layout(500, 500, { front: "b" }))).toBe(false);
    expect(isRearranged(layout(500, 500), layout(400, 400))).toBe(false);
    expect(isRearranged(layout(500, 500), layout(500.2, 499.8))).toBe(false);
    const renamed = layout(500, 500);
    renamed.panels.a.title = "Another name";
    expect(isRearranged(layout(500, 500), renamed)).toBe(false);
  });

  it("is not a window that was opened or closed", () => {
    const one = layout(500, 500);
    expect(isRearranged(one, { ...one, panels: { a: one.panels.a } })).toBe(false);
    expect(isRearranged(null, one)).toBe(false);
  });
});
