/** What the shell itself shows: the side view, one overlay at a time, the dock. No pixels, no plugins. */
import { type Readable, Store, type Workbench } from "../model";
import type { PreferenceStore } from "../workspaces/preferences";
import type { ImagePart } from "./image-part";

export type Overlay =
  | "palette"
  | "settings"
  | "share"
  | "shortcuts"
  | "tour"
  | "workspaces"
  | "new-plugin";

export type Side = "left" | "right" | "up" | "down";

/** What can be done with the windows; the dock fills it in once it is there. */
export interface DockActions {
  maximise(): void;
  float(): void;
  move(to: Side): void;
  /** Makes the active window larger by so many steps; fewer than none make it smaller. */
  grow(by: { wide?: number; high?: number }): void;
  /** Puts the active window behind the one before it, as a tab. */
  stack(): void;
  tile(): void;
}

/** What can be done with a window of the editor besides what the workbench does. */
export interface EditorPane {
  toggleComparison(): void;
  toggleConsole(): void;
}

const NO_DOCK: DockActions = {
  maximise: () => undefined,
  float: () => undefined,
  move: () => undefined,
  grow: () => undefined,
  stack: () => undefined,
  tile: () => undefined,
};

const NARROW = 800;

export class ShellState {
  /** The windows alone, without the bars; for a page that shows them as part of itself. */
  readonly standalone = new Store(false);
  /** What is looked for in the library. */
  readonly librarySearch = new Store("");
  /** The page greets nobody and shows no notices but errors. */
  quiet = false;
  readonly overlay = new Store<Overlay | null>(null);
  readonly panelOpen: Store<boolean>;
  readonly view: Store<string>;
  readonly noDock = NO_DOCK;
  dock: DockActions = NO_DOCK;
  /** The windows of images that are shown, by the id of the image. */
  readonly imageParts = new Map<string, ImagePart>();
  /** The windows of the editor that are shown, by their id. */
  readonly editors = new Map<string, EditorPane>();
  /** Puts the focus into the side view or on the window in front; set by the page. */
  focusOn: (place: "view" | "window") => void = () => undefined;
  /** Opens the browser's dialog for files; set by the page. */
  chooseFiles: () => void = () => undefined;

  constructor(
    private readonly workbench: Workbench,
    readonly preferences: PreferenceStore,
    private readonly width: () => number,
  ) {
    const { view, panelOpen } = preferences.get();
    this.view = new Store(view);
    this.panelOpen = new Store(panelOpen && !this.narrow);
    this.makeWay(workbench.windows);
  }

  get narrow(): boolean {
    return this.width() <= NARROW;
  }

  showView(id: string): void {
    this.view.set(id);
    this.setPanel(true);
  }

  searchLibrary(text: string): void {
    this.librarySearch.set(text);
    this.showView("library");
  }

  togglePanel(): void {
    this.setPanel(!this.panelOpen.get());
  }

  setPanel(open: boolean): void {
    this.panelOpen.set(open);
    if (this.narrow) this.preferences.change({ view: this.view.get() });
    else this.preferences.change({ panelOpen: open, view: this.view.get() });
  }

  /** Makes the next window the active one, in the order in which they were opened. */
  stepWindow(by: number): void {
    const ids = this.workbench.windows.get().map(({ id }) => id);
    if (ids.length === 0) return;
    const at = ids.indexOf(this.workbench.activeWindow.get() ?? "");
    this.workbench.activeWindow.set(ids[(at + by + ids.length) % ids.length] as string);
  }

  /** On a narrow page the panel covers the windows, so it makes way for a new one. */
  private makeWay(windows: Readable<unknown[]>): void {
    let shown = 0;
    windows.subscribe(({ length }) => {
      if (length > shown && this.narrow) this.panelOpen.set(false);
      shown = length;
    });
  }
}
