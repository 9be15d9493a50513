/** Who this page is to the engine, kept over a reload so that its plugins and calls are found again. */
import { newId } from "@imjoy/rpc";

export interface PageIdentity {
  readonly address: string;
  /** The session with the engine of the last connection, and what proves that it is ours. */
  session: { id: string; key: string } | null;
  /** The engine of that session. */
  engine: string | null;
  /** Grows with each connection: an older one cannot take over from a newer one. */
  generation: number;
  /** The page was loaded again since it last spoke with the engine. */
  fresh: boolean;
}

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "imjoy.page";

/**
 * The identity of the load before, in the same tab, or a new one. It is taken out of the tab's
 * storage, which is copied when a tab is duplicated: two pages must not be the same to the engine.
 */
export function takeIdentity(storage: Kept | null = tabStorage()): PageIdentity {
  const text = storage?.getItem(KEY) ?? null;
  storage?.removeItem(KEY);
  return (text && parse(text)) || newIdentity();
}

/** Keeps the identity for the next load of the tab while this one is going away. */
export function keepOverReload(
  identity: PageIdentity,
  page: EventTarget = globalThis,
  storage: Kept | null = tabStorage(),
): void {
  page.addEventListener("pagehide", () => {
    if (identity.session !== null) storage?.setItem(KEY, JSON.stringify(identity));
  });
  // Back out of the browser's cache of pages: it has been this one all the time.
  page.addEventListener("pageshow", () => storage?.removeItem(KEY));
}

function newIdentity(): PageIdentity {
  return { address: newId(), session: null, engine: null, generation: 0, fresh: false };
}

function parse(text: string): PageIdentity | null {
  try {
    const { address, session, engine, generation } = JSON.parse(text) as PageIdentity;
    if (!/^[0-9a-z]{32}$/.test(address) || !Number.isSafeInteger(generation)) return null;
    if (typeof session?.id !== "string" || typeof session.key !== "string") return null;
    return { address, session, engine, generation, fresh: true };
  } catch {
    return null;
  }
}

function tabStorage(): Kept | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null; // closed by the browser's settings
  }
}
