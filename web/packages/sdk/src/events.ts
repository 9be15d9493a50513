/** The events of one plugin: handlers by name, called in order. */

export type Handler = (value: unknown) => unknown;

export class Events {
  private readonly handlers = new Map<string, Set<Handler>>();
  /** The last value of each event that came before anybody listened. */
  private readonly missed = new Map<string, unknown>();

  /** @param fireIfEmitted call the handler at once when the event has come before anybody listened */
  on(name: string, handler: Handler, fireIfEmitted = false): void {
    const set = this.handlers.get(name) ?? new Set();
    set.add(handler);
    this.handlers.set(name, set);
    if (fireIfEmitted && this.missed.has(name)) handler(this.missed.get(name));
  }

  off(name: string, handler?: Handler): void {
    if (handler) this.handlers.get(name)?.delete(handler);
    else this.handlers.delete(name);
  }

  /** Calls every handler; rejects with the first error after all were called. */
  async emit(name: string, value: unknown): Promise<void> {
    const handlers = [...(this.handlers.get(name) ?? [])];
    if (handlers.length === 0) this.missed.set(name, value);
    const called = handlers.map(async (handler) => handler(value));
    const failed = (await Promise.allSettled(called)).find(({ status }) => status === "rejected");
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
