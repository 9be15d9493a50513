/** What plugins ask of their windows: to be hidden, to have a size, to fill the area. */
import type { DockviewGroupPanel, IDockviewPanel } from "dockview-core";
import type { WindowModel } from "../../model";

/** Carries out each wish once, so that the user can change it afterwards. */
export class Wishes {
  private readonly done = new Map<string, Pick<WindowModel, "hidden" | "size" | "fullscreen">>();

  follow({ id, hidden, size, fullscreen }: WindowModel, panel: IDockviewPanel): void {
    const before = this.done.get(id) ?? {};
    this.done.set(id, { hidden, size, fullscreen } as typeof before);
    if (Boolean(hidden) !== Boolean(before.hidden)) setHidden(panel, hidden === true);
    if (size && size !== before.size) panel.group.api.setSize(size);
    if (fullscreen && !before.fullscreen) panel.api.maximize();
  }
}

/** Only groups can be hidden, so a window that shares one gets its own first. */
function setHidden(panel: IDockviewPanel, hidden: boolean): void {
  if (hidden && panel.group.panels.length > 1) {
    panel.api.moveTo({ group: panel.group as DockviewGroupPanel, position: "right" });
  }
  panel.group.api.setVisible(!hidden);
}
