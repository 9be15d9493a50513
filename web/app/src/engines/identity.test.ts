import { describe, expect, it } from "vitest";
import { keepOverReload, takeIdentity } from "./identity";

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
