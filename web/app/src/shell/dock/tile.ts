/** Puts all windows beside each other in rows and columns of the same size. */
import type { DockviewApi, DockviewGroupPanel } from "dockview-core";
import type { Room } from "./place";

export function tileAll(api: DockviewApi, room: Room): void {
  const panels = [...api.panels];
  const first = panels[0];
  if (!first) return;
  if (api.hasMaximizedGroup()) api.exitMaximizedGroup();
  const columns = columnsFor(panels.length, room);
  const rows = Math.ceil(panels.length / columns);
  if (first.api.location.type === "floating") first.api.moveTo({});
  for (const panel of panels.slice(1)) {
    panel.api.moveTo({ group: first.group as DockviewGroupPanel, position: "center" });
  }
  panels.slice(1, columns).forEach((panel, index) => {
    panel.api.moveTo({ group: panels[index]?.group as DockviewGroupPanel, position: "right" });
  });
  panels.slice(columns).forEach((panel, index) => {
    panel.api.moveTo({ group: panels[index]?.group as DockviewGroupPanel, position: "bottom" });
  });
  panels.forEach((panel, index) => {
    const below = Math.ceil((panels.length - (index % columns)) / columns);
    const height = room.height / Math.min(rows, below);
    if (index < columns) panel.group.api.setSize({ width: room.width / columns });
    panel.group.api.setSize({ height });
  });
}

/** As many columns as make the tiles nearest to a square. */
export function columnsFor(count: number, { width, height }: Room): number {
  const shape = Math.max(width, 1) / Math.max(height, 1);
  return Math.min(count, Math.max(1, Math.round(Math.sqrt(count * shape))));
}
