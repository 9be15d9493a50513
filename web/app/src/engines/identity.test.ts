import { describe, expect, it } from "vitest";
import { claimIdentity, keepOverReload, type PageIdentity, takeIdentity } from "./identity";

function tab() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("takeIdentity", () => {
  it("gives a new one to a new tab", () => {
    const [one, other] = [takeIdentity(tab()), takeIdentity(null)];
    expect(one.address).toMatch(/^[0-9a-z]{32}$/);
    expect(one.address).not.toBe(other.address);
    expect(one).toMatchObject({ session: null, engine: null, generation: 0, fresh: false });
  });

  it("gives the one of before to the next load of the tab, and to one load only", () => {
    const storage = tab();
    const page = new EventTarget();
    const identity = takeIdentity(storage);
    identity.session = { id: "i", key: "k" };
    identity.generation = 4;
    keepOverReload(identity, page, storage);
    expect(storage.kept.size).toBe(0); // so that a duplicate of the tab gets none
    page.dispatchEvent(new Event("pagehide"));
    expect(takeIdentity(storage)).toEqual({ ...identity, fresh: true });
    expect(takeIdentity(storage).address).not.toBe(identity.address);
  });

  it("does not keep one that has no session", () => {
    const storage = tab();
    const page = new EventTarget();
    keepOverReload(takeIdentity(storage), page, storage);
    page.dispatchEvent(new Event("pagehide"));
    expect(storage.kept.size).toBe(0);
  });

  it.each(["", "{", "[]", '{"address":"x","generation":1}', '{"address":7}'])(
    "takes no nonsense: %s",
    (text) => {
      const storage = tab();
      storage.setItem("imjoy.page", text);
      expect(takeIdentity(storage).fresh).toBe(false);
    },
  );
});

/** Locks of the browser, which take back what a page holds when it has ended. */
function browserLocks() {
  const held = new Map<string, number>();
  const waiting: (() => void)[] = [];
  const ofPage = (page: number) => ({
    async request(name: string, ...rest: unknown[]): Promise<unknown> {
      const run = rest.at(-1) as (lock: unknown) => unknown;
      const { ifAvailable } = (rest.length > 1 ? rest[0] : {}) as { ifAvailable?: boolean };
      while (held.has(name)) {
        if (ifAvailable) return run(null);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      held.set(name, page);
      const value = await run({ name });
      held.delete(name);
      return value;
    },
  });
  const end = (page: number) => {
    for (const [name, owner] of held) if (owner === page) held.delete(name);
    for (const go of waiting.splice(0)) go();
  };
  return { ofPage: (page: number) => ofPage(page) as unknown as LockManager, end };
}

function connected(identity: PageIdentity): PageIdentity {
  identity.session = { id: "i", key: "k" };
  identity.generation += 1;
  identity.keep?.();
  return identity;
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

describe("claimIdentity", () => {
  it("gives the one of before to the load after a crash", async () => {
    const [storage, locks] = [tab(), browserLocks()];
    const before = connected(await claimIdentity(storage, locks.ofPage(1)));
    locks.end(1);
    const after = await claimIdentity(storage, locks.ofPage(2));
    expect(after).toMatchObject({ address: before.address, generation: 1, fresh: true });
    // And again, for it may crash at once.
    await soon();
    locks.end(2);
    const last = await claimIdentity(storage, locks.ofPage(3));
    expect(last.address).toBe(before.address);
  });

  it("gives a new one to a duplicate of a tab whose page lives", async () => {
    const [storage, locks] = [tab(), browserLocks()];
    const before = connected(await claimIdentity(storage, locks.ofPage(1)));
    const copy = tab();
    for (const [key, value] of storage.kept) copy.setItem(key, value);
    const other = await claimIdentity(copy, locks.ofPage(2));
    expect(other).toMatchObject({ session: null, fresh: false });
    expect(other.address).not.toBe(before.address);
  });

  it("waits for no lock of a page that has said that it goes", async () => {
    const [storage, locks, page] = [tab(), browserLocks(), new EventTarget()];
    const before = connected(await claimIdentity(storage, locks.ofPage(1)));
    keepOverReload(before, page, storage);
    page.dispatchEvent(new Event("pagehide"));
    const after = await claimIdentity(storage, locks.ofPage(2));
    expect(after).toMatchObject({ address: before.address, fresh: true });
    expect(after.keep).toBeUndefined();
    locks.end(1);
    await soon();
    connected(after);
    locks.end(2);
    expect((await claimIdentity(storage, locks.ofPage(3))).generation).toBe(2);
  });

  it("does as before where there are no locks", async () => {
    const [storage, page] = [tab(), new EventTarget()];
    const before = connected(await claimIdentity(storage, undefined));
    expect(storage.kept.size).toBe(0);
    keepOverReload(before, page, storage);
    page.dispatchEvent(new Event("pagehide"));
    expect((await claimIdentity(storage, undefined)).address).toBe(before.address);
    const refusing = { request: () => Promise.reject(new Error("not here")) };
    const other = await claimIdentity(tab(), refusing as unknown as LockManager);
    expect(other.session).toBeNull();
  });
});
