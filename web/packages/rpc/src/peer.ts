/** One end of a conversation: calls functions of other peers and runs the functions it exports. */
import { aborted, cannotSend, receivedError, timedOut } from "./call-errors";
import { takeSignals } from "./call-signals";
import { copyOf } from "./dtypes";
import { RpcError } from "./errors";
import { type ExportOptions, ExportTable } from "./exports";
import { hasOwnFlag } from "./flags";
import { isWithin, newId } from "./ids";
import { PeerValues } from "./peer-values";
import { type OnTransfer, PendingCalls } from "./pending";
import { type AnyFunction, CodecRegistry } from "./protocol/context";
import type { Encoded } from "./protocol/encode";
import { checkFrame, type Frame, type Header, type SendFrame } from "./protocol/frame";
import type { AnyHeader } from "./protocol/pieces";
import { ProxyTable, type RemoteFunction } from "./remote";
import { RunningCalls } from "./running";

export interface PeerOptions {
  address: string;
  send: SendFrame;
}

export interface CallOptions {
  /** The last argument is an object of keyword arguments, for functions written in Python. */
  kwargs?: boolean | undefined;
  /** Aborting it cancels the call there and rejects the promise here. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the call is cancelled with rpc.timeout. */
  timeout?: number | undefined;
  /** A key of news such as progress: a call of the same key that still waits is dropped. */
  lossy?: string | undefined;
  /** Told how far the arguments or the result have come, when they are large and go to an engine. */
  onTransfer?: OnTransfer | undefined;
}

export interface GoneOptions {
  /** What calls to the peer fail with, if not rpc.peer_gone. */
  readonly code?: string | undefined;
  readonly reloaded?: boolean | undefined;
}

type HeaderOf<T extends Header["type"]> = Extract<Header, { type: T }>;

export class Peer {
  readonly address: string;
  /** Codecs that translate classes of users. */
  readonly codecs = new CodecRegistry();
  private readonly sendFrame: SendFrame;
  private readonly exports = new ExportTable();
  private readonly pending = new PendingCalls();
  private readonly proxies: ProxyTable;
  private readonly running: RunningCalls;
  private closed: string | undefined;

  constructor(options: PeerOptions) {
    this.address = options.address;
    this.sendFrame = options.send;
    this.proxies = new ProxyTable(
      (peer, target, args) => this.callProxy(peer, target, args),
      (peer, targets) => this.releaseRemote(peer, targets),
    );
    this.running = new RunningCalls({
      exports: this.exports,
      valuesFor: (caller) => this.valuesFor(caller),
      post: (answer, encoded) => this.post({ ...answer, from: this.address }, encoded),
    });
  }

  /** Lets other peers call `fn` by exactly this name. Dots in it are plain characters. */
  export(target: string, fn: (...args: never[]) => unknown, options: ExportOptions = {}): void {
    this.exports.add(target, fn as AnyFunction, options);
  }

  unexport(target: string): void {
    this.exports.remove(target);
  }

  /** In an exported function, before its first `await`: aborted when its caller cancels the call or goes. */
  get signal(): AbortSignal | undefined {
    return this.running.current;
  }

  /** Takes a frame from a link. Never throws. */
  receive(frame: Frame): void {
    if (this.closed !== undefined) return;
    try {
      this.dispatch(checkFrame(frame));
    } catch {
      // A frame that is not even well formed has no sender who could be told.
    }
  }

  /**
   * Calls a function of another peer. Rejects with RpcError: what the function raised (its code, or
   * plugin.error), rpc.method_not_found, rpc.peer_unknown, rpc.peer_gone, rpc.cancelled, rpc.timeout,
   * rpc.unserializable or protocol.*. Always settles once the peer has gone. A signal among the arguments
   * cancels the call as that of the options does.
   */
  call(
    to: string,
    target: string,
    given: readonly unknown[],
    options: CallOptions = {},
  ): Promise<unknown> {
    const { args, signal } = takeSignals(given, options.kwargs === true);
    if (signal) return this.call(to, target, args, { ...options, signal });
    return new Promise((resolve, reject) => {
      if (this.closed !== undefined) throw new RpcError("rpc.peer_gone", this.closed);
      if (options.signal?.aborted) throw aborted(target, options.signal);
      const context = this.valuesFor(to);
      const encoded = context.encode(withoutTrailingUndefined(args));
      const id = newId();
      const cleanUp = this.watch(id, to, target, options);
      this.pending.add(id, { to, resolve, reject, cleanUp, onTransfer: options.onTransfer });
      const { kwargs, lossy } = options;
      const more = { ...(kwargs && { kwargs: true }), ...(lossy && { lossy }) };
      const header = { type: "call", id, to, from: this.address, target, ...more } as const;
      try {
        this.post(header, encoded);
      } catch (error) {
        context.undo();
        this.pending.take(id)?.reject(cannotSend(error));
      }
    });
  }

  /** True while a call of this id waits for its answer; of two peers at one address that one gets it. */
  awaits(id: string): boolean {
    return this.pending.calleeOf(id) !== undefined;
  }

  /** Waits for the answer to a call that was made in this peer's name before it was loaded again. */
  adopt(id: string, to: string, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cleanUp = this.watch(id, to, "the call", options);
      this.pending.add(id, { to, resolve, reject, cleanUp, onTransfer: options.onTransfer });
    });
  }

  /** Told by a link how many bytes of a large frame have come where it goes. */
  transferred({ type, id }: AnyHeader, arrived: number, total: number): void {
    const told = this.pending.get(String(id))?.onTransfer;
    if (type === "call") told?.("sent", arrived, total);
    else if (type === "result") told?.("received", arrived, total);
  }

  /** A function that calls `target` of `peer`. */
  remote(peer: string, target: string): RemoteFunction {
    return this.proxies.get(peer, target, false);
  }

  /**
   * A peer, and everything below it, is gone: fails calls to it and drops what it holds. `code`: what
   * calls to it fail with. `reloaded`: it is back and has forgotten everything but asks for the outcome
   * of its own calls, which therefore go on.
   */
  peerGone(peer: string, reason: string, { code, reloaded }: GoneOptions = {}): void {
    this.exports.forget(peer);
    this.proxies.forget(peer);
    this.running.callerGone(peer, reason, reloaded === true);
    this.pending.failPeer(peer, reason, code);
  }

  /**
   * A message of `peer` (or of anybody, if absent) was lost on its way, as when the browser cannot read
   * what it moved. It may have been the answer to any call that waits, so these fail.
   */
  messageLost(peer?: string): void {
    const reason = "A message was lost on its way; it may have been the answer to this call.";
    if (peer !== undefined) this.pending.failPeer(peer, reason, "rpc.outcome_unknown");
    else this.pending.failAll(reason, "rpc.outcome_unknown");
  }

  /** Ends the conversation with everybody. Calls that wait fail with rpc.peer_gone. */
  close(reason = "The connection was closed."): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    this.exports.clear();
    this.proxies.clear();
    this.running.stopAll(reason);
    this.pending.failAll(reason);
  }

  private dispatch(frame: Frame): void {
    const { header } = frame;
    switch (header.type) {
      case "call":
        void this.running.start(header, frame);
        break;
      case "result":
      case "error":
        this.onAnswer(header, frame);
        break;
      case "cancel":
        this.running.cancel(header);
        break;
      case "release":
        for (const [target, count] of Object.entries(header.targets)) {
          this.exports.release(target, header.from, count);
        }
        break;
      case "gone":
        if (this.believesGone(header)) this.peerGone(header.peer, header.reason, header);
        break;
    }
  }

  // Only who relays for us, or for the peer in question, can know that it has gone.
  private believesGone(header: HeaderOf<"gone">): boolean {
    return isWithin(this.address, header.from) || isWithin(header.peer, header.from);
  }

  private onAnswer(header: HeaderOf<"result"> | HeaderOf<"error">, frame: Frame): void {
    const callee = this.pending.calleeOf(header.id);
    if (callee === undefined || !this.mayAnswer(header.from, callee)) return;
    const call = this.pending.take(header.id);
    this.pending.answered(header.id);
    const context = this.valuesFor(callee);
    try {
      const value = context.decode(frame);
      if (header.type === "result") call?.resolve(value);
      else call?.reject(receivedError(value));
    } catch (error) {
      call?.reject(error);
    }
  }

  // The callee itself, or a router on the way to it that could not deliver the call.
  private mayAnswer(from: string, callee: string): boolean {
    return isWithin(callee, from) || isWithin(this.address, from);
  }

  private valuesFor(other: string): PeerValues {
    return new PeerValues(this.address, other, this.exports, this.proxies, this.codecs);
  }

  private watch(id: string, to: string, target: string, options: CallOptions): () => void {
    const giveUp = (error: RpcError) => {
      if (!this.pending.abandon(id, error)) return;
      this.tryPost({ type: "cancel", id, to, from: this.address });
    };
    const onAbort = () => giveUp(aborted(target, options.signal));
    options.signal?.addEventListener("abort", onAbort);
    const timer =
      options.timeout === undefined
        ? undefined
        : setTimeout(() => giveUp(timedOut(target, options.timeout ?? 0)), options.timeout);
    return () => {
      options.signal?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    };
  }

  private callProxy(peer: string, target: string, args: unknown[]): Promise<unknown> {
    const last = args.at(-1);
    if (!hasOwnFlag(last, "_rkwargs")) return this.call(peer, target, args);
    const { _rkwargs: _, ...kwargs } = last;
    return this.call(peer, target, [...args.slice(0, -1), kwargs], { kwargs: true });
  }

  private releaseRemote(peer: string, targets: Record<string, number>): void {
    if (this.closed !== undefined) return;
    this.tryPost({ type: "release", to: peer, from: this.address, targets });
  }

  private tryPost(header: Header): void {
    try {
      this.post(header, { body: "", buffers: [], transfer: [] });
    } catch {
      // Nobody waits for this frame, and a broken link is reported by its owner.
    }
  }

  private post(header: Header, encoded: Encoded): void {
    const { body, buffers, transfer } = encoded;
    if (header.to !== this.address) {
      this.sendFrame({ header, body, buffers }, transfer);
      return;
    }
    // To ourselves: later and with copies, as to anybody else.
    const copies = buffers.map((buffer) =>
      buffer instanceof Blob ? buffer : copyOf(new Uint8Array(buffer as ArrayBuffer)).buffer,
    );
    queueMicrotask(() => this.receive({ header, body, buffers: copies }));
  }
}

function withoutTrailingUndefined(args: readonly unknown[]): readonly unknown[] {
  let end = args.length;
  while (end > 0 && args[end - 1] === undefined) end -= 1;
  return args.slice(0, end);
}
