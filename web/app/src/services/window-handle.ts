/** An open window as the plugin that opened it sees it. */
import type { Instance } from "../host/runtimes";
import { codedError } from "../plugins/failure";

export type WindowApi = Record<string, unknown>;

type Handler = (value: unknown) => unknown;

export interface WindowFacts {
  id: string;
  name: string;
  type: string;
}

export interface WindowActions {
  close(): void;
  focus(): void;
  isOpen(): boolean;
  /** What `run` does in a window that is not a plugin's. */
  run?(request: unknown): unknown;
  remote(address: string, method: string): (...args: unknown[]) => Promise<unknown>;
}

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
    const { id, name, type } = this.facts;
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
      focus: () => actions.focus(),
      show: () => actions.focus(),
      hide: () => undefined,
      refresh: () => undefined,
      resize: () => undefined,
      on: (event, handler, fireIfEmitted) =>
        this.on(String(event), handler as Handler, fireIfEmitted === true),
      off: (event, handler) => this.off(String(event), handler as Handler | undefined),
      emit: (event, value) => this.emitToPlugin(String(event), value),
    };
    if (actions.run) own.run = (request) => actions.run?.(request);
    const guarded = Object.entries(own).map(([key, run]) => [key, whileOpen(run)]);
    return {
      ...instance?.values,
      ...Object.fromEntries(guarded),
      ...Object.fromEntries(methods),
      // A method of the plugin must not stand in the way of closing its window.
      close: whileOpen(own.close as () => unknown),
      config: { ...this.added, id, name, type, window_id: id, workspace: "default" },
    };
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
