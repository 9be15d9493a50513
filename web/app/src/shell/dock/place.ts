/** Where a window goes: beside the others while there is room for both, else in front of one of them. */
import type {
  AddPanelOptions,
  DockviewApi,
  DockviewGroupPanel,
  IDockviewPanel,
} from "dockview-core";
import type { Side } from "../state";

export interface Room {
  width: number;
  height: number;
}

/** A window smaller than this is of no use. */
const LEAST: Room = { width: 300, height: 240 };

export function roomOf(element: HTMLElement): Room {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** How an area is best cut in two; null when the halves would be too small. */
export function splitOf({ width, height }: Room): "right" | "below" | null {
  const wide = width / 2 >= LEAST.width;
  const tall = height / 2 >= LEAST.height;
  if (wide && (width >= height || !tall)) return "right";
  return tall ? "below" : null;
}

export function placeFor(
  api: DockviewApi,
  room: Room,
  wish: { beside: IDockviewPanel | undefined; tiles: boolean },
): AddPanelOptions["position"] | null {
  const groups = api.groups.filter((group) => group.api.location.type === "grid");
  if (groups.length === 0) return null;
  const front = wish.beside?.group ?? api.activeGroup ?? (groups[0] as DockviewGroupPanel);
  const target = wish.tiles ? (wish.beside?.group ?? largest(groups)) : front;
  if (!wish.tiles) return { referenceGroup: target };
  const direction = splitOf(sizeOf(target, groups.length === 1 ? room : null));
  if (direction) return { referenceGroup: target, direction };
  const widest = largest(groups);
  const other = splitOf(sizeOf(widest, null));
  return other ? { referenceGroup: widest, direction: other } : { referenceGroup: front };
}

/** The group that lies nearest on that side. */
export function groupBeside(
  api: DockviewApi,
  own: DockviewGroupPanel,
  to: Side,
): DockviewGroupPanel | undefined {
  const from = own.element.getBoundingClientRect();
  const distance = (group: DockviewGroupPanel): number => {
    const box = group.element.getBoundingClientRect();
    const gap = {
      left: from.left - box.right,
      right: box.left - from.right,
      up: from.top - box.bottom,
      down: box.top - from.bottom,
    }[to];
    const sideways = to === "left" || to === "right";
    const overlap = sideways
      ? Math.min(from.bottom, box.bottom) - Math.max(from.top, box.top)
      : Math.min(from.right, box.right) - Math.max(from.left, box.left);
    return gap < -8 || overlap <= 0 ? Number.POSITIVE_INFINITY : gap - overlap / 10_000;
  };
  return api.groups
    .filter((group) => group !== own)
    .map((group) => ({ group, far: distance(group) }))
    .filter(({ far }) => far !== Number.POSITIVE_INFINITY)
    .sort((a, b) => a.far - b.far)[0]?.group;
}

function sizeOf(group: DockviewGroupPanel, room: Room | null): Room {
  const { width, height } = group.api;
  return width > 0 && height > 0 ? { width, height } : (room ?? { width: 0, height: 0 });
}

function largest(groups: DockviewGroupPanel[]): DockviewGroupPanel {
  const area = ({ api }: DockviewGroupPanel): number => api.width * api.height;
  return groups.reduce((most, group) => (area(group) > area(most) ? group : most));
}
