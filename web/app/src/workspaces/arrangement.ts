/** How windows are arranged, as far as a person did it: what can be taken back as one step. */

/** Which window is in front is no arrangement. */
const FRONT = new Set(["activeGroup", "activeView", "panels"]);
/** When the whole area changes its size, these follow by themselves. */
const SIZES = new Set(["size", "width", "height", "position", "box"]);

/** Stands between the windows of the grid and those that float; no window has this id. */
const FLOATING = "floating";

interface Branch {
  data: Branch[] | { views: string[]; activeView?: string };
}

interface Arrangement {
  panels?: Record<string, unknown>;
  grid?: { width?: number; height?: number; root?: Branch };
  floatingGroups?: { data: { views: string[] } }[];
}

/** Whether somebody moved or resized windows between these two; one that was opened or closed is another step. */
export function isRearranged(before: unknown, after: unknown): boolean {
  const [was, is] = [before, after] as [Arrangement | null, Arrangement | null];
  if (!was || windowsOf(was) !== windowsOf(is)) return false;
  const sameArea = was.grid?.width === is?.grid?.width && was.grid?.height === is?.grid?.height;
  return shapeOf(was, sameArea) !== shapeOf(is, sameArea);
}

/** The one window that is elsewhere now; null where several are, or only sizes have changed. */
export function movedBetween(
  before: unknown,
  after: unknown,
  active: string | null,
): string | null {
  const [was, is] = [groupsOf(before as Arrangement), groupsOf(after as Arrangement)];
  if (same(was, is)) return null;
  const moved = was.flat().filter((id) => same(without(was, id), without(is, id)));
  return moved.find((id) => id === active) ?? moved[0] ?? null;
}

/** The windows of each group; those that float come last, behind a mark. */
function groupsOf({ grid, floatingGroups = [] }: Arrangement): string[][] {
  const leaves = (branch: Branch): string[][] =>
    Array.isArray(branch.data) ? branch.data.flatMap(leaves) : [branch.data.views];
  const floating = floatingGroups.map(({ data }) => data.views);
  return [...(grid?.root ? leaves(grid.root) : []), [FLOATING], ...floating];
}

function without(groups: string[][], id: string): string[][] {
  return groups
    .map((group) => group.filter((one) => one !== id))
    .filter(({ length }) => length > 0);
}

function same(one: string[][], other: string[][]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
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
