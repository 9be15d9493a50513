import { describe, expect, it, vi } from "vitest";
import { Transactions } from "./transactions";

/** A database whose requests are answered when the test says so. */
function database() {
  const requests: { onsuccess?: () => void; onerror?: () => void; result?: unknown }[] = [];
  const begun: { abort: () => void; commit: () => void }[] = [];
  const request = () => {
    const made = {};
    requests.push(made);
    return made as IDBRequest;
  };
  const transaction = () => {
    const own = requests.length;
    const made = {
      abort: vi.fn(() => {
        for (const one of requests.slice(own)) one.onerror?.();
      }),
      commit: vi.fn(),
      objectStore: () => ({ get: request, put: request }),
    };
    begun.push(made);
    return made;
  };
  const answer = (result: unknown) => {
    const last = requests.at(-1);
    if (last) last.result = result;
    last?.onsuccess?.();
  };
  return { begun, answer, made: { transaction } as unknown as IDBDatabase };
}

function read(store: IDBObjectStore): Promise<unknown> {
  const request = store.get("k");
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error("aborted"));
  });
}

describe("transactions of a page that is left", () => {
  it("are given up when they wait for an answer, and begin again when the page is back", async () => {
    const { begun, answer, made } = database();
    const page = new EventTarget();
    const transactions = new Transactions(made, page);
    const reading = transactions.run("settings", "readonly", read);
    page.dispatchEvent(new Event("pagehide"));
    expect(begun[0]?.abort).toHaveBeenCalledOnce();
    await Promise.resolve();
    const later = transactions.run("settings", "readonly", async () => "later");
    expect(begun).toHaveLength(1);
    page.dispatchEvent(new Event("pageshow"));
    expect(await later).toBe("later");
    answer("value");
    expect(await reading).toBe("value");
  });

  it("are committed at once when nothing has to be read first, also while it is left", () => {
    const { begun, made } = database();
    const page = new EventTarget();
    const transactions = new Transactions(made, page);
    page.dispatchEvent(new Event("pagehide"));
    void transactions.put("settings", (store) => store.put(1, "k"));
    expect(begun[0]?.commit).toHaveBeenCalledOnce();
  });

  it("tell errors of their own", async () => {
    const transactions = new Transactions(database().made, new EventTarget());
    const failing = transactions.run("settings", "readwrite", () =>
      Promise.reject(new Error("no")),
    );
    await expect(failing).rejects.toThrow("no");
  });
});
