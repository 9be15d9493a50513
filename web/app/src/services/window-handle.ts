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
  private readonly handlers = new Map<string, Set<Handler>>();

  constructor(
    readonly facts: WindowFacts,
    private readonly actions: WindowActions,
  ) {}

  setInstance(instance: Instance): void {
    this.instance = instance;
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
      on: (event, handler) => this.on(String(event), handler as Handler),
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
      config: { id, name, type, window_id: id, workspace: "default" },
    };
  }

  /** Calls the handlers of whoever opened the window; what they throw stays theirs. */
  emitToOpener(event: string, value: unknown): void {
    for (const handler of this.handlers.get(event) ?? []) {
      void Promise.resolve()
        .then(() => handler(value))
        .catch(() => undefined);
    }
  }

  emitToPlugin(event: string, value: unknown): void {
    this.instance?.emit(event, value);
  }

  private on(event: string, handler: Handler): void {
    const set = this.handlers.get(event) ?? new Set();
    set.add(handler);
    this.handlers.set(event, set);
  }

  private off(event: string, handler?: Handler): void {
    if (handler) this.handlers.get(event)?.delete(handler);
    else this.handlers.delete(event);
  }
}

function closedError(name: string): Error {
  return codedError("rpc.peer_gone", `The window "${name}" was closed.`);
}
