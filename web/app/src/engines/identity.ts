/** Who this page is to the engine, kept over a reload or a crash so that its plugins and calls are found again. */
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
  /** Puts what it is now where the tab finds it after a crash; to be called when it has changed. */
  keep?: () => void;
}

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;
type Locks = Pick<LockManager, "request">;
type Noted = PageIdentity & { left: boolean };

/** Milliseconds after which a page that holds its lock is there to stay. */
const STAYS = 3000;

const KEY = "imjoy.page";

/**
 * The identity of the load before, in the same tab, if that has said that it goes, or a new one. It is
 * taken out of the tab's storage, which is copied when a tab is duplicated: two pages must not be the
 * same to the engine.
 */
export function takeIdentity(storage: Kept | null = tabStorage()): PageIdentity {
  const noted = takeNoted(storage);
  return noted?.left ? again(noted) : newIdentity();
}

/**
 * The same, also after a load that has crashed. A page holds a lock for as long as it lives, which the
 * browser takes back when it crashes; so a duplicated tab does not take what its original still is.
 */
export async function claimIdentity(
  storage: Kept | null = tabStorage(),
  locks: Locks | undefined = globalThis.navigator?.locks,
): Promise<PageIdentity> {
  const noted = takeNoted(storage);
  const isFree = noted !== null && locks !== undefined && (await isAvailable(locks, noted.address));
  const identity = noted !== null && (isFree || noted.left) ? again(noted) : newIdentity();
  // A page that goes may still have its lock for a moment.
  locks
    ?.request(lockOf(identity.address), () => {
      identity.keep = () => note(identity, false, storage);
      identity.keep();
      return new Promise(() => undefined);
    })
    .catch(() => undefined); // none are given here: then only a page that says that it goes is kept
  return identity;
}

/** Keeps the identity for the next load of the tab while this one is going away. */
export function keepOverReload(
  identity: PageIdentity,
  page: EventTarget = globalThis,
  storage: Kept | null = tabStorage(),
): void {
  page.addEventListener("pagehide", () => note(identity, true, storage));
  // Back out of the browser's cache of pages: it has been this one all the time.
  page.addEventListener("pageshow", () => {
    storage?.removeItem(KEY);
    identity.keep?.();
  });
}

function note(identity: PageIdentity, left: boolean, storage: Kept | null): void {
  if (identity.session !== null) storage?.setItem(KEY, JSON.stringify({ ...identity, left }));
}

function takeNoted(storage: Kept | null): Noted | null {
  const text = storage?.getItem(KEY) ?? null;
  storage?.removeItem(KEY);
  return text ? parse(text) : null;
}

function isAvailable(locks: Locks, address: string): Promise<boolean> {
  return locks
    .request(lockOf(address), { ifAvailable: true }, (lock) => lock !== null)
    .catch(() => false);
}

/** Whether the page of that address is no more; false where the browser does not tell, or when it stays. */
export async function hasGone(
  address: string,
  locks: Locks | undefined = globalThis.navigator?.locks,
): Promise<boolean> {
  // A page that goes may still have its lock for a moment.
  const signal = AbortSignal.timeout(STAYS);
  return (
    (await locks?.request(lockOf(address), { signal }, () => true).catch(() => false)) === true
  );
}

function lockOf(address: string): string {
  return `imjoy.page.${address}`;
}

function again({ left: _, ...identity }: Noted): PageIdentity {
  return { ...identity, fresh: true };
}

function newIdentity(): PageIdentity {
  return { address: newId(), session: null, engine: null, generation: 0, fresh: false };
}

function parse(text: string): Noted | null {
  try {
    const { address, session, engine, generation, left } = JSON.parse(text) as Noted;
    if (!/^[0-9a-z]{32}$/.test(address) || !Number.isSafeInteger(generation)) return null;
    if (typeof session?.id !== "string" || typeof session.key !== "string") return null;
    return { address, session, engine, generation, fresh: true, left: left === true };
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
