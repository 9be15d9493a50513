/** An open window as the plugin that opened it sees it. */
import type { Instance } from "../host/runtimes";
import { codedError } from "../plugins/failure";
import type { Windows } from "../workspaces/windows";

export type WindowApi = Record<string, unknown>;

type Handler = (value: unknown) => unknown;

export interface WindowFacts {
  id: string;
  name: string;
  type: string;
  tag?: string | null;
  flags?: string[];
}

export interface WindowActions {
  windows: Windows;
  close(): void;
  isOpen(): boolean;
  /** Functions beside those that every window has. */
  methods?: Record<string, (...args: never[]) => unknown>;
  /** What a window that is not a plugin's does with an event of its opener. */
  hear?(event: string, value: unknown): void;
  /** What `run` does in a window that is not a plugin's. */
  run?(request: unknown): unknown;
  remote(address: string, method: string): (...args: unknown[]) => Promise<unknown>;
}

/** Pixels of a cell of that grid. */
const CELL = 30;

export class WindowHandle {
  private instance: Instance | null = null;
  private added: Record<string, unknown> = {};
  private readonly handlers = new Map<string, Set<Handler>>();
  /** The last value of each event that came before the opener listened. */
  private readonly missed = new Map<string, unknown>();

  constructor(
    readonly facts: WindowFacts,
    private readonly actions: WindowActions,
  ) {}

  setInstance(instance: Instance): void {
    this.instance = instance;
  }

  /** What `run` of the window's plugin returned is part of the window's description. */
  addFacts(result: unknown): void {
    if (typeof result !== "object" || result === null || Array.isArray(result)) return;
    this.added = { ...(result as Record<string, unknown>) };
  }

  /** Functions that fail once the window is closed, and the methods of the window's plugin. */
  api(): WindowApi {
    const { id, name, type, tag = null, flags = [] } = this.facts;
    const { instance, actions } = this;
    const methods = instance
      ? instance.methods.map((method) => [method, actions.remote(instance.address, method)])
      : [];
    const whileOpen =
      (run: (...args: unknown[]) => unknown) =>
      (...args: unknown[]): unknown => {
        if (!actions.isOpen()) throw closedError(name);
        return run(...args);
      };
    const own: Record<string, (...args: unknown[]) => unknown> = {
      close: () => actions.close(),
      focus: () => this.focus(),
      show: () => this.show(),
      hide: () => this.hide(),
      refresh: () => this.tell("refresh", null),
      resize: (size) => this.resize(size),
      on: (event, handler, fireIfEmitted) =>
        this.on(String(event), handler as Handler, fireIfEmitted === true),
      off: (event, handler) => this.off(String(event), handler as Handler | undefined),
      emit: (event, value) => this.emitToPlugin(String(event), value),
    };
    if (actions.run) own.run = (request) => actions.run?.(request);
    Object.assign(own, actions.methods);
    const guarded = Object.entries(own).map(([key, run]) => [key, whileOpen(run)]);
    return {
      ...instance?.values,
      ...Object.fromEntries(guarded),
      ...Object.fromEntries(methods),
      // A method of the plugin must not stand in the way of closing its window.
      close: whileOpen(own.close as () => unknown),
      config: { ...this.added, id, name, type, tag, flags, window_id: id, workspace: "default" },
    };
  }

  focus(): void {
    this.actions.windows.show(this.facts.id);
  }

  show(): void {
    this.actions.windows.show(this.facts.id);
    this.tell("show", null);
  }

  hide(): void {
    this.actions.windows.hide(this.facts.id);
    this.tell("hide", null);
  }

  /** `{w, h}` in cells of the grid that earlier versions had, or `{width, height}` in pixels. */
  resize(wanted: unknown): void {
    const { w, h, width, height } = (wanted ?? {}) as Record<string, unknown>;
    const pixels = (cells: unknown, given: unknown): number | undefined => {
      const size = given === undefined ? Number(cells) * CELL : Number(given);
      return Number.isFinite(size) && size > 0 ? Math.round(size) : undefined;
    };
    const size = { width: pixels(w, width), height: pixels(h, height) };
    const known = Object.entries(size).filter(([, length]) => length !== undefined);
    if (known.length > 0) {
      this.actions.windows.change(this.facts.id, { size: Object.fromEntries(known) });
    }
  }

  /** Tells the plugin of the window and whoever opened it. */
  tell(event: string, value: unknown): void {
    this.emitToOpener(event, value);
    this.emitToPlugin(event, value);
  }

  /** Calls the handlers of whoever opened the window; what they throw stays theirs. */
  emitToOpener(event: string, value: unknown): void {
    const handlers = [...(this.handlers.get(event) ?? [])];
    if (handlers.length === 0) this.missed.set(event, value);
    for (const handler of handlers) {
      void Promise.resolve()
        .then(() => handler(value))
        .catch(() => undefined);
    }
  }

  emitToPlugin(event: string, value: unknown): void {
    this.instance?.emit(event, value);
    this.actions.hear?.(event, value);
  }

  private on(event: string, handler: Handler, fireIfEmitted: boolean): unknown {
    const set = this.handlers.get(event) ?? new Set();
    set.add(handler);
    this.handlers.set(event, set);
    return fireIfEmitted && this.missed.has(event) ? handler(this.missed.get(event)) : undefined;
  }

  private off(event: string, handler?: Handler): void {
    if (handler) this.handlers.get(event)?.delete(handler);
    else this.handlers.delete(event);
  }
}

function closedError(name: string): Error {
  return codedError("rpc.peer_gone", `The window "${name}" was closed.`);
}
