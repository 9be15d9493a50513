/** Calls that wait for their answer; each of them settles exactly once. */
import { RpcError } from "./errors";
import { isWithin } from "./ids";

/** `done` of `total` bytes of what is "sent" to the callee, or "received" from it. */
export type OnTransfer = (what: "sent" | "received", done: number, total: number) => void;

export interface Waiting {
  readonly to: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Stops the timer and the listening for an abort. */
  readonly cleanUp: () => void;
  readonly onTransfer?: OnTransfer | undefined;
}

export class PendingCalls {
  private readonly waiting = new Map<string, Waiting>();
  // Given up here, but not yet answered there: the answer may still carry references to release.
  private readonly abandoned = new Map<string, string>();

  add(id: string, call: Waiting): void {
    this.waiting.set(id, call);
  }

  get(id: string): Waiting | undefined {
    return this.waiting.get(id);
  }

  /** Takes a call out; `undefined` when nobody waits for it. */
  take(id: string): Waiting | undefined {
    const call = this.waiting.get(id);
    if (call === undefined) return undefined;
    this.waiting.delete(id);
    call.cleanUp();
    return call;
  }

  /** To whom the call went, if it is waiting or abandoned. */
  calleeOf(id: string): string | undefined {
    return this.waiting.get(id)?.to ?? this.abandoned.get(id);
  }

  abandon(id: string, error: RpcError): boolean {
    const call = this.take(id);
    if (call === undefined) return false;
    this.abandoned.set(id, call.to);
    call.reject(error);
    return true;
  }

  answered(id: string): void {
    this.abandoned.delete(id);
  }

  /** Fails every call to a peer, and to everything below it. */
  failPeer(root: string, reason: string, code = "rpc.peer_gone"): void {
    for (const [id, to] of this.abandoned) {
      if (isWithin(to, root)) this.abandoned.delete(id);
    }
    this.failWhere((call) => isWithin(call.to, root), new RpcError(code, reason));
  }

  failAll(reason: string, code = "rpc.peer_gone"): void {
    this.abandoned.clear();
    this.failWhere(() => true, new RpcError(code, reason));
  }

  private failWhere(matches: (call: Waiting) => boolean, error: RpcError): void {
    for (const [id, call] of [...this.waiting]) {
      if (!matches(call)) continue;
      this.take(id);
      call.reject(error);
    }
  }
}
