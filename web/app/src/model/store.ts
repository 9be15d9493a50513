/** Values that can be watched. */

/** A value that can be watched; `subscribe` calls back at once and on every change and returns the way to stop. */
export interface Readable<T> {
  get(): T;
  subscribe(run: (value: T) => void): () => void;
}

/** A minimal store; also satisfies the store contract of Svelte. */
export class Store<T> implements Readable<T> {
  private readonly runs = new Set<(value: T) => void>();
  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
    for (const run of [...this.runs]) run(value);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  subscribe(run: (value: T) => void): () => void {
    this.runs.add(run);
    run(this.value);
    return () => this.runs.delete(run);
  }
}

/**
 * The store as a person can follow it: of changes that come sooner than so many milliseconds after another only
 * the last is shown.
 */
export function paced<T>(store: Readable<T>, milliseconds: number): Readable<T> {
  return {
    get: () => store.get(),
    subscribe: (run) => {
      let timer: ReturnType<typeof setTimeout> | null = null;
      let changed = false;
      const show = () => {
        changed = false;
        timer = setTimeout(rest, milliseconds);
        run(store.get());
      };
      const rest = () => {
        timer = null;
        if (changed) show();
      };
      const stop = store.subscribe(() => {
        changed = true;
        if (timer === null) show();
      });
      return () => {
        stop();
        if (timer !== null) clearTimeout(timer);
      };
    },
  };
}
