/** How windows are arranged, as far as a person did it: what can be taken back as one step. */

/** Which window is in front is no arrangement. */
const FRONT = new Set(["activeGroup", "activeView", "panels"]);
/** When the whole area changes its size, these follow by themselves. */
const SIZES = new Set(["size", "width", "height", "position", "box"]);

interface Arrangement {
  panels?: Record<string, unknown>;
  grid?: { width?: number; height?: number };
}

/** Whether somebody moved or resized windows between these two; one that was opened or closed is another step. */
export function isRearranged(before: unknown, after: unknown): boolean {
  const [was, is] = [before, after] as [Arrangement | null, Arrangement | null];
  if (!was || windowsOf(was) !== windowsOf(is)) return false;
  const sameArea = was.grid?.width === is?.grid?.width && was.grid?.height === is?.grid?.height;
  return shapeOf(was, sameArea) !== shapeOf(is, sameArea);
}

function shapeOf(layout: unknown, sizes: boolean): string {
  return JSON.stringify(layout, (key, value: unknown) => {
    if (FRONT.has(key) || (!sizes && SIZES.has(key))) return undefined;
    // Pixels are cut between neighbours, and may be rounded differently each time.
    return typeof value === "number" ? Math.round(value) : value;
  });
}

function windowsOf(layout: Arrangement | null): string {
  return Object.keys(layout?.panels ?? {})
    .sort()
    .join(" ");
}
