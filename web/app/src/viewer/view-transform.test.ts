/** Zoom and pan: points stay where they should, and the drawn spans cover the screen. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitView, MAX_ZOOM, panBy, spanOf, toImage, toScreen, zoomAt } from "./view-transform";

const image = { width: 400, height: 300 };
const screen = { width: 800, height: 500 };

describe("fitView", () => {
  it("shows the whole image in the middle", () => {
    const view = fitView(image, screen);
    expect(view.zoom).toBeCloseTo(500 / 300);
    expect(toScreen(view, screen, 200, 150)).toEqual([400, 250]);
    expect(toScreen(view, screen, 0, 0)[1]).toBeCloseTo(0);
  });

  it("does not break for a window without size", () => {
    expect(fitView(image, { width: 0, height: 0 }).zoom).toBe(1);
  });
});

describe("zoomAt", () => {
  it("keeps the point under the pointer", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 300, max: 500, noNaN: true }),
        fc.double({ min: 150, max: 350, noNaN: true }),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        (x, y, zoom) => {
          const before = fitView(image, screen);
          const after = zoomAt(before, image, screen, before.zoom * zoom, x, y);
          const [ax, ay] = toImage(before, screen, x, y);
          const [bx, by] = toImage(after, screen, x, y);
          expect(bx).toBeCloseTo(ax, 6);
          expect(by).toBeCloseTo(ay, 6);
        },
      ),
    );
  });

  it("stops at the ends", () => {
    const view = fitView(image, screen);
    expect(zoomAt(view, image, screen, 1e9).zoom).toBe(MAX_ZOOM);
    expect(zoomAt(view, image, screen, 0).zoom).toBe(0.25);
    const huge = { width: 80_000, height: 80_000 };
    expect(zoomAt(view, huge, screen, 0).zoom).toBeLessThan(fitView(huge, screen).zoom);
  });
});

describe("panBy", () => {
  it("moves by screen pixels and never loses the image", () => {
    const view = { x: 200, y: 150, zoom: 2 };
    expect(panBy(view, image, 20, -10)).toEqual({ x: 190, y: 155, zoom: 2 });
    expect(panBy(view, image, 1e6, -1e6)).toEqual({ x: 0, y: 300, zoom: 2 });
  });
});

describe("spanOf", () => {
  it("has one pixel for each image pixel when they are big", () => {
    // 10 screen pixels, 4 for each image pixel, the middle of image pixel 5 in the middle.
    const span = spanOf(100, 5.5, 4, 10);
    expect([...span.indexes]).toEqual([4, 5, 6]);
    expect(span.start).toBe(-1);
    expect(span.length).toBe(12);
  });

  it("has one pixel for each screen pixel when they are small", () => {
    const span = spanOf(100, 50, 0.1, 10);
    expect([...span.indexes]).toEqual([5, 15, 25, 35, 45, 55, 65, 75, 85, 95]);
    expect(span.start).toBe(0);
  });

  it("stays inside the image and covers what is seen, for any place and zoom", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.001, max: 128, noNaN: true }),
        fc.integer({ min: 1, max: 3000 }),
        (length, part, scale, size) => {
          const span = spanOf(length, part * length, scale, size);
          for (const index of span.indexes) expect(index >= 0 && index < length).toBe(true);
          expect(span.indexes.length).toBeLessThanOrEqual(
            Math.max(size, Math.ceil(size / scale) + 2),
          );
          // Nothing of the image that is on the screen is missing.
          const from = Math.max(0, size / 2 - part * length * scale);
          const to = Math.min(size, size / 2 + (1 - part) * length * scale);
          if (to - from > 2) {
            expect(span.start).toBeLessThanOrEqual(from + 1);
            expect(span.start + span.length).toBeGreaterThanOrEqual(to - 1.6);
          }
        },
      ),
    );
  });
});
