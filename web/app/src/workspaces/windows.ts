/** The windows of the workspace: their order, which one is active, and where each is on the page. */
import { newId } from "@imjoy/rpc";
import { type LayoutState, Store, type WindowContent, type WindowModel } from "../model";

export interface WindowEvents {
  mounted?(container: HTMLElement): void;
  resized?(width: number, height: number): void;
  closed?(): void;
  /** Called before it is taken out of the page. */
  closing?(): void;
}

export interface NewWindow {
  title: string;
  content: WindowContent;
  beside?: string | undefined;
  /** Given when a window comes back that was open before. */
  id?: string | undefined;
  fullscreen?: boolean | undefined;
}

/** Windows that can be open at a time, so that a plugin in a loop cannot bring the page down. */
const LIMIT = 100;

export class Windows {
  readonly store = new Store<WindowModel[]>([]);
  readonly active = new Store<string | null>(null);
  readonly layout = new Store<LayoutState>({ layout: null, by: "page" });
  private readonly events = new Map<string, WindowEvents>();
  private readonly containers = new Map<string, HTMLElement>();
  private imageOrder: string[] = [];

  constructor() {
    this.active.subscribe((id) => {
      this.noteImage(id);
      // Whoever goes to a window wants to see it.
      if (id !== null && this.get(id)?.hidden) this.change(id, { hidden: false });
    });
  }

  /** Adds a window and makes it the active one. */
  open(window: NewWindow, events: WindowEvents = {}): WindowModel {
    const model = this.make(window, events);
    this.store.update((windows) => [...windows, model]);
    this.active.set(model.id);
    return model;
  }

  /** A window that is shown elsewhere, in a dialog, but has the same life. */
  make(window: NewWindow, events: WindowEvents = {}): WindowModel {
    if (this.events.size >= LIMIT) {
      throw new Error(`More than ${LIMIT} windows are open. Close some of them first.`);
    }
    const model: WindowModel = {
      id: window.id ?? newId(),
      title: window.title,
      content: window.content,
    };
    if (window.beside !== undefined) model.beside = window.beside;
    if (window.fullscreen) model.fullscreen = true;
    this.events.set(model.id, events);
    return model;
  }

  get(id: string): WindowModel | undefined {
    return this.store.get().find((window) => window.id === id);
  }

  isOpen(id: string): boolean {
    return this.events.has(id);
  }

  change(id: string, change: Partial<Omit<WindowModel, "id">>): void {
    this.store.update((windows) =>
      windows.map((window) => (window.id === id ? { ...window, ...change } : window)),
    );
  }

  /** Takes a window out of sight; another one becomes the active one. */
  hide(id: string): void {
    this.change(id, { hidden: true });
    if (this.active.get() !== id) return;
    this.active.set(this.store.get().findLast(({ hidden }) => !hidden)?.id ?? null);
  }

  show(id: string): void {
    this.change(id, { hidden: false });
    this.active.set(id);
  }

  mount(id: string, container: HTMLElement): void {
    if (this.containers.get(id) === container) return;
    this.containers.set(id, container);
    this.events.get(id)?.mounted?.(container);
  }

  resized(id: string, width: number, height: number): void {
    this.events.get(id)?.resized?.(width, height);
  }

  close(id: string): void {
    const events = this.events.get(id);
    if (!events) return;
    this.events.delete(id);
    this.containers.delete(id);
    this.imageOrder = this.imageOrder.filter((other) => other !== id);
    const left = this.store.get().filter((window) => window.id !== id);
    events.closing?.();
    this.store.set(left);
    if (this.active.get() === id) this.active.set(left.at(-1)?.id ?? null);
    events.closed?.();
  }

  /** Calls `run` once the window is closed, beside what is called then anyway. */
  whenClosed(id: string, run: () => void): void {
    const events = this.events.get(id);
    if (!events) return;
    const before = events.closed;
    this.events.set(id, {
      ...events,
      closed: () => {
        before?.();
        run();
      },
    });
  }

  /** The image window that was active last; what a plugin is run on. */
  lastImage(): WindowModel | undefined {
    for (const id of this.imageOrder.toReversed()) {
      const window = this.get(id);
      if (window?.content.kind === "image") return window;
    }
    return this.store.get().findLast(({ content }) => content.kind === "image");
  }

  private noteImage(id: string | null): void {
    if (id === null || this.get(id)?.content.kind !== "image") return;
    this.imageOrder = [...this.imageOrder.filter((other) => other !== id), id];
  }
}
