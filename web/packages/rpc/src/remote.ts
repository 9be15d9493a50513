/** Functions of other peers: one proxy for each of them, released when it is no longer used here. */
import { isWithin } from "./ids";

/** A function of another peer. Calling it sends a call and gives a promise of the result. */
export type RemoteFunction = (...args: unknown[]) => Promise<unknown>;

export type CallRemote = (peer: string, target: string, args: unknown[]) => Promise<unknown>;
export type ReleaseRemote = (peer: string, targets: Record<string, number>) => void;

interface Holding {
  readonly peer: string;
  readonly target: string;
  /** How often the reference was received and is not yet released. */
  received: number;
  /** Passed on to a third peer, which may use it for as long as we live. */
  pinned: boolean;
  proxy?: WeakRef<RemoteFunction>;
}

const holdings = new WeakMap<object, Holding>();

/** Peer and target of a proxy; undefined for any other function. */
export function remoteAddress(fn: object): { peer: string; target: string } | undefined {
  const holding = holdings.get(fn);
  return holding && { peer: holding.peer, target: holding.target };
}

/** Must be called when a proxy is passed to a peer that is not the owner of the function. */
export function pinRemote(fn: object): void {
  const holding = holdings.get(fn);
  if (holding !== undefined) holding.pinned = true;
}

export class ProxyTable {
  private readonly known = new Map<string, Holding>();
  private readonly released = new Map<string, Record<string, number>>();
  private readonly registry = new FinalizationRegistry<Holding>((holding) =>
    this.collected(holding),
  );

  constructor(
    private readonly call: CallRemote,
    private readonly release: ReleaseRemote,
  ) {}

  /** The proxy of a function. `received` says that a reference to it has just arrived. */
  get(peer: string, target: string, received: boolean): RemoteFunction {
    const key = `${peer} ${target}`;
    const known = this.known.get(key);
    const living = known?.proxy?.deref();
    if (known !== undefined && living !== undefined) {
      if (received) known.received += 1;
      return living;
    }
    const holding: Holding = { peer, target, received: received ? 1 : 0, pinned: false };
    const proxy: RemoteFunction = (...args) => this.call(peer, target, args);
    holding.proxy = new WeakRef(proxy);
    holdings.set(proxy, holding);
    this.known.set(key, holding);
    this.registry.register(proxy, holding);
    return proxy;
  }

  /** Forgets a peer and everything below it; there is nobody left to release to. */
  forget(root: string): void {
    for (const [key, holding] of this.known) {
      if (!isWithin(holding.peer, root)) continue;
      holding.received = 0;
      this.known.delete(key);
    }
  }

  clear(): void {
    for (const holding of this.known.values()) holding.received = 0;
    this.known.clear();
    this.released.clear();
  }

  private collected(holding: Holding): void {
    const { peer, target, received, pinned } = holding;
    const key = `${peer} ${target}`;
    if (this.known.get(key) === holding) this.known.delete(key);
    if (received === 0 || pinned) return;
    // Proxies are collected many at a time: what belongs to one peer goes in one frame.
    if (this.released.size === 0) queueMicrotask(() => this.flush());
    const targets = this.released.get(peer) ?? {};
    targets[target] = (targets[target] ?? 0) + received;
    this.released.set(peer, targets);
  }

  private flush(): void {
    const all = [...this.released];
    this.released.clear();
    for (const [peer, targets] of all) this.release(peer, targets);
  }
}
