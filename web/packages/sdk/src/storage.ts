/** `localStorage` and `sessionStorage` of a frame, which has none of its own: the workbench keeps what is set. */

/** Tells the workbench of a change; null forgets a key, and no key forgets all. */
export type KeepStored = (key: string | null, value: string | null) => void;

/** Characters of keys and values together, as browsers allow. */
const LIMIT = 5 * 1024 * 1024;

/** A storage with the entries that were kept. Its properties are its keys, as with the browser's own. */
export function makeStorage(kept: Record<string, string>, keep: KeepStored): Storage {
  const entries = new Map(Object.entries(kept));
  const methods: Pick<Storage, "getItem" | "key" | "setItem" | "removeItem" | "clear"> = {
    getItem: (key) => entries.get(String(key)) ?? null,
    key: (index) => [...entries.keys()][index] ?? null,
    setItem: (key, value) => {
      const [name, text] = [String(key), String(value)];
      let size = name.length + text.length - (entries.get(name)?.length ?? 0);
      for (const [known, content] of entries) size += known.length + content.length;
      if (size > LIMIT) throw new DOMException("The storage is full.", "QuotaExceededError");
      entries.set(name, text);
      keep(name, text);
    },
    removeItem: (key) => {
      if (entries.delete(String(key))) keep(String(key), null);
    },
    clear: () => {
      entries.clear();
      keep(null, null);
    },
  };
  const own = (key: string | symbol): boolean => Object.hasOwn(methods, key);
  return new Proxy(methods as unknown as Storage, {
    get(target, key) {
      if (key === "length") return entries.size;
      if (typeof key === "symbol" || own(key)) return Reflect.get(target, key);
      return entries.get(key);
    },
    set(_, key, value) {
      if (typeof key === "string" && !own(key)) methods.setItem(key, value);
      return true;
    },
    deleteProperty(_, key) {
      if (typeof key === "string" && !own(key)) methods.removeItem(key);
      return true;
    },
    has: (_, key) => own(key) || (typeof key === "string" && entries.has(key)),
    ownKeys: () => [...entries.keys()],
    getOwnPropertyDescriptor: (_, key) =>
      typeof key === "string" && entries.has(key)
        ? { value: entries.get(key), enumerable: true, configurable: true, writable: true }
        : undefined,
  });
}

/** Puts the storages where plugins look for them; without `kept` a plugin may not keep anything. */
export function installStorage(kept: Record<string, string> | null, keep: KeepStored): void {
  if (kept === null) return;
  const define = (name: string, value: Storage): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  };
  define("localStorage", makeStorage(kept, keep));
  define(
    "sessionStorage",
    makeStorage({}, () => undefined),
  );
}
