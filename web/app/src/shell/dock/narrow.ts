/** Where there is no room for columns, all windows are tabs of one group; the arrangement comes back with the room. */
import type { DockviewApi, DockviewGroupPanel, SerializedDockview } from "dockview-core";
import { fitted } from "./fitted";
import type { Room } from "./place";

/** Pixels of the area below which columns are of no use. */
const COLUMNS = 560;
/** Less than this of the width is a column, and less than that of pixels no window. */
const [WHOLE, LOW] = [0.7, 140];

export class Narrow {
  /** The arrangement of the wide page while the page is narrow. */
  private wide: SerializedDockview | null = null;
  /** The last one that was seen while there was room. */
  private seen: SerializedDockview | null = null;

  constructor(
    private readonly api: DockviewApi,
    private readonly room: () => Room,
  ) {}

  get isStacked(): boolean {
    return this.wide !== null;
  }

  /** The arrangement that counts: that of the wide page. */
  layout(): SerializedDockview {
    const now = this.api.toJSON();
    const wide = this.wide && fitted(this.wide, now.panels);
    if (wide) return wide;
    if (!this.wide && this.room().width >= COLUMNS) this.seen = now;
    return now;
  }

  /** Another arrangement is going to be shown. */
  forget(): void {
    this.wide = null;
    this.seen = null;
  }

  /** Stacks the windows, or arranges them again, when the room has changed so much; true when it did. */
  fit(): boolean {
    const { width } = this.room();
    if (width === 0 || this.api.panels.length === 0) return false;
    if (!this.wide && width < COLUMNS && this.isCramped(width)) {
      const now = this.api.toJSON();
      this.wide = (this.seen && fitted(this.seen, now.panels)) ?? now;
      this.stack();
      return true;
    }
    if (!this.wide || width < COLUMNS) return false;
    const wide = this.layout();
    const front = this.api.activePanel;
    this.forget();
    this.api.fromJSON(wide, { reuseExistingPanels: true });
    if (front) this.api.getPanel(front.id)?.api.setActive();
    return true;
  }

  private isCramped(width: number): boolean {
    const docked = this.api.groups.filter(
      ({ api }) => api.location.type === "grid" && api.isVisible,
    );
    if (docked.length < 2) return false;
    return docked.some(({ api }) => api.width < width * WHOLE || api.height < LOW);
  }

  private stack(): void {
    const { api } = this;
    const front = api.activePanel ?? api.panels[0];
    if (api.hasMaximizedGroup()) api.exitMaximizedGroup();
    const target = api.groups.find((group) => group.api.location.type === "grid");
    for (const panel of target ? api.panels : []) {
      if (panel.group === target) continue;
      panel.api.moveTo({ group: target as DockviewGroupPanel, position: "center" });
    }
    front?.api.setActive();
  }
}
