/** The events of one plugin: handlers by name, called in order. */

export type Handler = (value: unknown) => unknown;

export class Events {
  private readonly handlers = new Map<string, Set<Handler>>();

  on(name: string, handler: Handler): void {
    const set = this.handlers.get(name) ?? new Set();
    set.add(handler);
    this.handlers.set(name, set);
  }

  off(name: string, handler?: Handler): void {
    if (handler) this.handlers.get(name)?.delete(handler);
    else this.handlers.delete(name);
  }

  /** Calls every handler; rejects with the first error after all were called. */
  async emit(name: string, value: unknown): Promise<void> {
    const called = [...(this.handlers.get(name) ?? [])].map(async (handler) => handler(value));
    const failed = (await Promise.allSettled(called)).find(({ status }) => status === "rejected");
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }
}
