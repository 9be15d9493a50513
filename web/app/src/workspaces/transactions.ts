/** Transactions of the browser's database, which do not outlive the page that began them. */

type Work<T> = (store: IDBObjectStore) => Promise<T>;

/**
 * The browser may keep a page in memory when it is left. It then gets no answers, and in WebKit a transaction
 * that waits for one keeps every later page from the database. So what waits when the page is left is given
 * up, and begins again should the page come back.
 */
export class Transactions {
  private readonly waiting = new Set<IDBTransaction>();
  private readonly givenUp = new WeakSet<IDBTransaction>();
  /** Ends when the page is there. */
  private here: Promise<void> = Promise.resolve();
  private isHere = true;

  constructor(
    private readonly database: IDBDatabase,
    private readonly page: EventTarget = globalThis,
  ) {
    page.addEventListener?.("pagehide", () => this.leave());
  }

  /** Makes one change for which nothing needs to be known: it is kept even when the page is left in this moment. */
  put(name: string, change: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    const transaction = this.database.transaction(name, "readwrite");
    const done = settled(change(transaction.objectStore(name)));
    transaction.commit?.();
    return done;
  }

  /** Does work that waits for answers, once or, when the page was left meanwhile, again. */
  async run<T>(name: string, mode: IDBTransactionMode, work: Work<T>): Promise<T> {
    if (!this.isHere) await this.here;
    const transaction = this.database.transaction(name, mode);
    this.waiting.add(transaction);
    try {
      return await work(transaction.objectStore(name));
    } catch (error) {
      if (!this.givenUp.has(transaction)) throw error;
    } finally {
      this.waiting.delete(transaction);
    }
    return this.run(name, mode, work);
  }

  private leave(): void {
    if (!this.isHere) return;
    this.isHere = false;
    this.here = new Promise((resolve) => {
      const back = (): void => {
        this.isHere = true;
        resolve();
      };
      this.page.addEventListener("pageshow", back, { once: true });
    });
    for (const transaction of this.waiting) {
      this.givenUp.add(transaction);
      try {
        transaction.abort();
      } catch {
        // It has just ended by itself.
      }
    }
  }
}

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The database gave no reason."));
    if ("onblocked" in request) {
      request.onblocked = () => reject(new Error("Another tab holds an older version open."));
    }
  });
}
