/** Keys and wheel, without a browser. */
import { describe, expect, it, vi } from "vitest";
import { handleKey, type InputActions, wheelFactor } from "./input";

function actions() {
  return {
    zoomBy: vi.fn(),
    panBy: vi.fn(),
    fit: vi.fn(),
    actualSize: vi.fn(),
    stepSlice: vi.fn(),
    stepTime: vi.fn(),
    toggleLabels: vi.fn(),
    autoContrast: vi.fn(),
    hoverAt: vi.fn(),
    hoverEnd: vi.fn(),
  } satisfies InputActions;
}

const key = (name: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent =>
  ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more }) as KeyboardEvent;

describe("handleKey", () => {
  it("does what the help says", () => {
    const done = actions();
    for (const name of ["0", "1", "+", "-", "ArrowLeft", "]", "PageUp", ".", "L", "a"]) {
      expect(handleKey(key(name), done)).toBe(true);
    }
    expect(done.fit).toHaveBeenCalledOnce();
    expect(done.actualSize).toHaveBeenCalledOnce();
    expect(done.zoomBy.mock.calls).toEqual([[1.25], [0.8]]);
    expect(done.panBy).toHaveBeenCalledWith(60, 0);
    expect(done.stepSlice.mock.calls).toEqual([[1], [-1]]);
    expect(done.stepTime).toHaveBeenCalledWith(1);
    expect(done.toggleLabels).toHaveBeenCalledOnce();
    expect(done.autoContrast).toHaveBeenCalledOnce();
  });

  it("leaves other keys and shortcuts alone", () => {
    const done = actions();
    expect(handleKey(key("Tab"), done)).toBe(false);
    expect(handleKey(key("Escape"), done)).toBe(false);
    expect(handleKey(key("0", { ctrlKey: true }), done)).toBe(false);
    expect(done.fit).not.toHaveBeenCalled();
  });
});

describe("wheelFactor", () => {
  it("zooms in when turned away, the same for pixels, lines and pages", () => {
    expect(wheelFactor(-100, 0, false)).toBeCloseTo(1.2214, 3);
    expect(wheelFactor(100, 0, false) * wheelFactor(-100, 0, false)).toBeCloseTo(1);
    expect(wheelFactor(-3, 1, false)).toBeCloseTo(wheelFactor(-48, 0, false));
    expect(wheelFactor(-1e9, 0, false)).toBeLessThan(2);
    expect(wheelFactor(-5, 0, true)).toBeGreaterThan(wheelFactor(-5, 0, false));
  });
});
