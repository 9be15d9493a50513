/** The table of functions that other peers may call, and who holds references to which of them. */
import { isWithin, newId } from "./ids";
import type { AnyFunction } from "./protocol/context";
import { closeStream } from "./streams";

export interface CallContext {
  /** Address of the caller. */
  from: string;
  /** Aborted when the caller cancels the call or goes away. */
  signal: AbortSignal;
}

export interface ExportOptions {
  /** The function gets a CallContext before the arguments of the call. */
  withCaller?: boolean | undefined;
  /** Arrays in results are given away instead of copied; only for functions that do not keep them. */
  transferResult?: boolean | undefined;
}

export interface Exported extends ExportOptions {
  readonly fn: AnyFunction;
  readonly self?: object | undefined;
}

interface Passed extends Exported {
  /** How many references each peer has received and not yet released. */
  readonly counts: Map<string, number>;
}

interface Ids {
  free?: string;
  readonly owned: WeakMap<object, string>;
}

export class ExportTable {
  private readonly named = new Map<string, Exported>();
  private readonly passed = new Map<string, Passed>();
  private readonly ids = new WeakMap<AnyFunction, Ids>();

  add(target: string, fn: AnyFunction, options: ExportOptions = {}): void {
    this.named.set(target, { ...options, fn });
  }

  remove(target: string): void {
    this.named.delete(target);
  }

  /** Looks a target up by its exact name; nothing else is ever consulted. */
  find(target: string): Exported | undefined {
    return this.named.get(target) ?? this.passed.get(target);
  }

  /** Number of functions that are held by others. */
  get size(): number {
    return this.passed.size;
  }

  /** Target of a function that is being passed to `peer`; counts one reference. */
  retain(fn: AnyFunction, self: object | undefined, peer: string): string {
    const target = this.idOf(fn, self);
    let entry = this.passed.get(target);
    if (entry === undefined) {
      entry = { fn, self, counts: new Map() };
      this.passed.set(target, entry);
    }
    entry.counts.set(peer, (entry.counts.get(peer) ?? 0) + 1);
    return target;
  }

  /** Takes references of a peer away; a function that nobody holds is dropped. */
  release(target: string, peer: string, count: number): void {
    const entry = this.passed.get(target);
    if (entry === undefined || !(count > 0)) return;
    const left = (entry.counts.get(peer) ?? 0) - count;
    if (left > 0) entry.counts.set(peer, left);
    else entry.counts.delete(peer);
    if (entry.counts.size === 0) this.drop(target, entry);
  }

  /** Takes all references of a peer, and of everything below it, away. */
  forget(root: string): void {
    for (const [target, entry] of this.passed) {
      for (const peer of entry.counts.keys()) {
        if (isWithin(peer, root)) entry.counts.delete(peer);
      }
      if (entry.counts.size === 0) this.drop(target, entry);
    }
  }

  clear(): void {
    this.named.clear();
    this.passed.clear();
  }

  private drop(target: string, entry: Passed): void {
    this.passed.delete(target);
    closeStream(entry.fn);
  }

  private idOf(fn: AnyFunction, self: object | undefined): string {
    const ids: Ids = this.ids.get(fn) ?? { owned: new WeakMap() };
    this.ids.set(fn, ids);
    if (self === undefined) {
      ids.free ??= `fn:${newId()}`;
      return ids.free;
    }
    const known = ids.owned.get(self);
    if (known !== undefined) return known;
    const id = `fn:${newId()}`;
    ids.owned.set(self, id);
    return id;
  }
}
