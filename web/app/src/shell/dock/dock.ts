/** The windows on the page: in groups that split, tab, float and maximise, and keep their frames alive while they move. */
import {
  createDockview,
  type DockviewApi,
  type IDockviewPanel,
  type SerializedDockview,
} from "dockview-core";
import type { WindowModel } from "../../model";
import type { DockActions, Side } from "../state";
import { fitted } from "./fitted";
import { hideLevels } from "./level";
import { Narrow } from "./narrow";
import { nameOverflow, type OverflowWords } from "./overflow";
import { groupBeside, placeFor, roomOf } from "./place";
import { tileAll } from "./tile";
import { Wishes } from "./wishes";

export interface DockParts {
  element: HTMLElement;
  /** Fills the place of a window; gives the way to take it out again. */
  show(id: string, element: HTMLElement): () => void;
  actions(
    element: HTMLElement,
    dock: DockActions,
    panel: () => IDockviewPanel | undefined,
  ): () => void;
  /** The user asked for it: with the mouse, or with Delete on its tab. */
  close(id: string): void;
  activated(id: string): void;
  /** Something was moved, split, floated or resized: by the user, or because the page asked for it. */
  changed(layout: SerializedDockview, by: "dock" | "following"): void;
  words: OverflowWords;
  /** Whether windows go beside each other while there is room. */
  tiles(): boolean;
}

const FLOATING = { width: 560, height: 420 };
/** Pixels by which a key makes a window larger. */
const STEP = 48;
/** Letters of a title that have no room in one line of a narrow group. */
const LONG_TITLE = 18;
const DIRECTIONS = { left: "left", right: "right", up: "top", down: "bottom" } as const;

export class Dock implements DockActions {
  private readonly api: DockviewApi;
  /** While the page itself changes the layout, the changes are not the user's. */
  private quiet = 0;
  /** The dock tells of its changes a moment later. */
  private following = 0;
  private readonly wishes = new Wishes();
  /** An arrangement with floating windows that was restored, and may not have had its room yet. */
  private floating: SerializedDockview | null = null;
  private readonly narrow: Narrow;
  private readonly stops: (() => void)[] = [];

  constructor(private readonly parts: DockParts) {
    this.api = createDockview(parts.element, {
      defaultRenderer: "always",
      theme: { name: "imjoy", className: "dockview-theme-imjoy", gap: 6 },
      announcements: false,
      floatingGroupBounds: "boundedWithinViewport",
      createComponent: ({ id }) => this.content(id),
      createTabComponent: () => this.tab(),
      createRightHeaderActionComponent: () => this.header(),
    });
    // The window in it is the region; its group would be another one of the same name.
    this.api.onDidAddGroup((group) => group.element.setAttribute("role", "group"));
    this.api.onDidActivePanelChange((event) => {
      const panel = (event as { panel?: IDockviewPanel }).panel ?? this.api.activePanel;
      if (panel && this.quiet === 0) parts.activated(panel.id);
    });
    // The dock has a key of its own that closes the window of a tab.
    this.api.onDidRemovePanel(({ id }) => {
      if (this.quiet === 0) parts.close(id);
    });
    this.narrow = new Narrow(this.api, () => roomOf(parts.element));
    const changed = (): void => {
      hideLevels(parts.element);
      const layout = this.narrow.layout();
      if (this.quiet === 0) parts.changed(layout, this.following ? "following" : "dock");
    };
    this.api.onDidLayoutChange(changed);
    this.api.onDidMaximizedGroupChange(changed);
    const resized = new ResizeObserver(() => this.fit());
    resized.observe(parts.element);
    this.stops.push(() => resized.disconnect(), nameOverflow(parts.element, parts.words));
  }

  /** After the dock itself has followed the size of the page. */
  private fit(): void {
    requestAnimationFrame(() => {
      if (!this.stops.length) return;
      let changed = false;
      this.silently(() => {
        this.restoreFloating();
        changed = this.narrow.fit();
      });
      if (changed) this.parts.changed(this.narrow.layout(), "following");
    });
  }

  /** Floating windows are kept within the dock, so they find their places once it has a size. */
  private restoreFloating(): void {
    const { width, height } = roomOf(this.parts.element);
    if (this.floating === null || width === 0) return;
    const layout = fitted(this.floating, this.api.toJSON().panels);
    this.floating = null;
    this.api.layout(width, height, true);
    if (layout) this.api.fromJSON(layout, { reuseExistingPanels: true });
  }

  /** Shows exactly these windows: new ones find a place, those that were closed leave theirs. */
  sync(windows: WindowModel[]): void {
    const wanted = new Map(windows.map((window) => [window.id, window]));
    this.silently(() => {
      for (const panel of [...this.api.panels]) {
        if (!wanted.has(panel.id)) this.api.removePanel(panel);
      }
    });
    for (const window of windows) {
      const panel = this.api.getPanel(window.id);
      if (!panel) this.add(window);
      else if (panel.title !== window.title) panel.setTitle(window.title);
      const shown = panel ?? this.api.getPanel(window.id);
      if (shown) this.silently(() => this.wishes.follow(window, shown));
    }
  }

  activate(id: string | null): void {
    const panel = id === null ? undefined : this.api.getPanel(id);
    if (!panel || panel.api.isActive) return;
    panel.api.setActive();
  }

  /** Arranges the windows as they were; those without a place in it are put where there is room. */
  restore(layout: SerializedDockview, windows: WindowModel[]): void {
    const known = new Set(windows.map(({ id }) => id));
    const fits = Object.keys(layout.panels).every((id) => known.has(id));
    this.narrow.forget();
    this.silently(() => {
      if (fits) this.api.fromJSON(layout, { reuseExistingPanels: true });
      const whole = this.api.groups.find(({ api }) => api.isMaximized());
      if (whole) this.api.exitMaximizedGroup();
      // A window is hidden for one visit only.
      for (const { api } of this.api.groups) if (!api.isVisible) api.setVisible(true);
      whole?.api.maximize();
    });
    this.floating = fits && layout.floatingGroups?.length ? layout : null;
    this.sync(windows);
    this.fit();
  }

  maximise(): void {
    const panel = this.api.activePanel;
    if (this.api.hasMaximizedGroup()) this.api.exitMaximizedGroup();
    else if (panel) panel.api.maximize();
  }

  float(): void {
    const panel = this.api.activePanel;
    if (!panel) return;
    if (panel.api.location.type !== "floating") {
      const { width, height } = this.parts.element.getBoundingClientRect();
      this.api.addFloatingGroup(panel, {
        x: Math.max(0, (width - FLOATING.width) / 2),
        y: Math.max(0, (height - FLOATING.height) / 3),
        width: Math.min(FLOATING.width, width),
        height: Math.min(FLOATING.height, height),
      });
      return;
    }
    const docked = this.api.groups.find(({ api }) => api.location.type === "grid");
    panel.api.moveTo(docked ? { group: docked, position: "right" } : {});
  }

  /** Splits the window off its group; a window that has its group for itself goes past its neighbour. */
  move(to: Side): void {
    const panel = this.api.activePanel;
    if (!panel) return;
    if (this.api.hasMaximizedGroup()) this.api.exitMaximizedGroup();
    const own = panel.group;
    const beside = own.panels.length > 1 ? own : groupBeside(this.api, own, to);
    if (beside) panel.api.moveTo({ group: beside, position: DIRECTIONS[to] });
    panel.api.setActive();
  }

  grow({ wide = 0, high = 0 }: { wide?: number; high?: number }): void {
    const group = this.api.activePanel?.group;
    if (!group || this.api.hasMaximizedGroup()) return;
    for (const [side, by] of [["width", wide] as const, ["height", high] as const]) {
      if (by === 0) continue;
      const wanted = Math.max(STEP, group.api[side] + by * STEP);
      group.api.setSize({ [side]: wanted });
      // The gap beside it is counted when it is set, and not when it is asked for.
      group.api.setSize({ [side]: 2 * wanted - group.api[side] });
    }
  }

  stack(): void {
    const panel = this.api.activePanel;
    const others = this.api.groups.filter((group) => group !== panel?.group);
    const target = others.at(-1);
    if (panel && target) panel.api.moveTo({ group: target, position: "center" });
    panel?.api.setActive();
  }

  tile(): void {
    this.narrow.forget();
    this.silently(() => tileAll(this.api, roomOf(this.parts.element)));
    this.parts.changed(this.narrow.layout(), "dock");
    this.fit();
  }

  isMaximised(): boolean {
    return this.api.hasMaximizedGroup();
  }

  onChange(run: () => void): () => void {
    const stops = [
      this.api.onDidMaximizedGroupChange(run),
      this.api.onDidActivePanelChange(run),
      this.api.onDidLayoutChange(run),
    ];
    return () => {
      for (const stop of stops) stop.dispose();
    };
  }

  dispose(): void {
    this.quiet += 1;
    for (const stop of this.stops.splice(0)) stop();
    this.api.dispose();
  }

  private add(window: WindowModel): void {
    const wish = window.beside === undefined ? undefined : this.api.getPanel(window.beside);
    const tiles = !this.narrow.isStacked && (this.parts.tiles() || wish !== undefined);
    const position = placeFor(this.api, roomOf(this.parts.element), { beside: wish, tiles });
    this.silently(() => {
      if (this.api.hasMaximizedGroup()) this.api.exitMaximizedGroup();
      this.api.addPanel({
        id: window.id,
        component: "window",
        tabComponent: "window",
        title: window.title,
        renderer: "always",
        ...(position ? { position } : {}),
      });
    });
    this.parts.changed(this.narrow.layout(), "following");
  }

  private silently(run: () => void): void {
    this.quiet += 1;
    this.following += 1;
    try {
      run();
    } finally {
      this.quiet -= 1;
      setTimeout(() => {
        this.following -= 1;
      });
    }
  }

  private content(id: string) {
    const element = document.createElement("div");
    element.className = "dock-content";
    let out = (): void => undefined;
    return {
      element,
      init: () => {
        out = this.parts.show(id, element);
      },
      dispose: () => out(),
    };
  }

  /** The title; the mouse can close a window that is not in front, the keyboard has Delete for it. */
  private tab() {
    const element = document.createElement("div");
    element.className = "dock-tab";
    return {
      element,
      init: ({ title, api }: { title: string; api: IDockviewPanel["api"] }) => {
        const text = document.createElement("span");
        const cross = document.createElement("span");
        const name = (title: string): void => {
          text.textContent = title;
          element.title = title;
          element.classList.toggle("dock-long", title.length > LONG_TITLE);
        };
        name(title);
        cross.textContent = "✕";
        cross.className = "dock-cross";
        cross.setAttribute("aria-hidden", "true");
        cross.addEventListener("pointerdown", (event) => event.stopPropagation());
        cross.addEventListener("click", (event) => {
          event.stopPropagation();
          this.parts.close(api.id);
        });
        element.append(text, cross);
        element.addEventListener("auxclick", (event) => {
          if (event.button === 1) this.parts.close(api.id);
        });
        api.onDidTitleChange((change) => name(change.title));
        queueMicrotask(() => {
          element.closest('[role="tab"]')?.addEventListener("keydown", (event) => {
            if ((event as KeyboardEvent).key === "Delete") this.parts.close(api.id);
          });
        });
      },
    };
  }

  private header() {
    const element = document.createElement("div");
    element.className = "dock-actions";
    let out = (): void => undefined;
    return {
      element,
      init: ({ group }: { group: { activePanel?: IDockviewPanel | undefined } }) => {
        out = this.parts.actions(element, this, () => group.activePanel);
      },
      dispose: () => out(),
    };
  }
}
