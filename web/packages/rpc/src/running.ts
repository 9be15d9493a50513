/** Calls of others that run here: how they are started, cancelled and answered. */
import { asCancelled, cancelled, cannotSend, methodNotFound } from "./call-errors";
import { type ErrorRecord, RpcError, toErrorRecord } from "./errors";
import type { CallContext, Exported, ExportTable } from "./exports";
import { hasOwnFlag } from "./flags";
import { isWithin } from "./ids";
import type { PeerValues } from "./peer-values";
import type { Encoded, EncodeOptions } from "./protocol/encode";
import { type Frame, type Header, malformed } from "./protocol/frame";

type CallHeader = Extract<Header, { type: "call" }>;
type Ends = Pick<CallHeader, "from" | "id">;

export interface RunningOptions {
  readonly exports: ExportTable;
  /** How values travel between here and a caller. */
  valuesFor(caller: string): PeerValues;
  /** Sends a `result` or an `error`. Throws when the link refuses it. */
  post(answer: { type: "result" | "error"; id: string; to: string }, encoded: Encoded): void;
}

/** Runs exported functions; each call is answered once, unless its caller has gone. */
export class RunningCalls {
  /** Aborted when the caller of the function that runs now cancels; only before its first `await`. */
  current: AbortSignal | undefined;
  private readonly calls = new Map<string, { from: string; abort: AbortController }>();

  constructor(private readonly options: RunningOptions) {}

  /** Runs the target of a call; one that is running already is not run again. */
  async start(header: CallHeader, frame: Frame): Promise<void> {
    const key = keyOf(header);
    if (this.calls.has(key)) return;
    const abort = new AbortController();
    this.calls.set(key, { from: header.from, abort });
    const values = this.options.valuesFor(header.from);
    let value: unknown;
    let failure: ErrorRecord | undefined;
    let exported: Exported | undefined;
    try {
      const args = values.decode(frame);
      exported = this.options.exports.find(header.target);
      if (exported === undefined) throw methodNotFound(header.target);
      value = await this.invoke(exported, args, { from: header.from, signal: abort.signal });
    } catch (error) {
      failure = toErrorRecord(asCancelled(error, abort.signal));
    }
    // Who has gone in the meantime gets no answer.
    if (!this.calls.delete(key)) return;
    const transferOwned = exported?.transferResult || asksForTransfer(value);
    this.answer(header, values, value, failure, { transferOwned });
  }

  /** The caller is no longer interested. */
  cancel(header: Ends): void {
    this.calls.get(keyOf(header))?.abort.abort(cancelled("the call"));
  }

  /** A caller, and everything below it, is gone; with `spared` its own calls go on. */
  callerGone(caller: string, reason: string, spared: boolean): void {
    for (const [key, call] of this.calls) {
      if (!isWithin(call.from, caller) || (spared && call.from === caller)) continue;
      this.calls.delete(key);
      call.abort.abort(new RpcError("rpc.peer_gone", reason));
    }
  }

  stopAll(reason: string): void {
    for (const { abort } of this.calls.values()) abort.abort(new RpcError("rpc.peer_gone", reason));
    this.calls.clear();
  }

  private invoke({ fn, self, withCaller }: Exported, args: unknown, context: CallContext): unknown {
    if (!Array.isArray(args)) throw malformed("the arguments of a call are not a list");
    const before = this.current;
    this.current = context.signal;
    try {
      return withCaller ? fn.call(self, context, ...args) : fn.apply(self, args);
    } finally {
      this.current = before;
    }
  }

  private answer(
    { id, from: to }: Ends,
    values: PeerValues,
    value: unknown,
    failure: ErrorRecord | undefined,
    options: EncodeOptions,
  ): void {
    const { post } = this.options;
    try {
      if (failure !== undefined) post({ type: "error", id, to }, values.encode(failure));
      else post({ type: "result", id, to }, values.encode(value, options));
    } catch (error) {
      values.undo();
      const record = { ...toErrorRecord(cannotSend(error)), data: null, cause: null };
      const body = JSON.stringify(record);
      try {
        post({ type: "error", id, to }, { body, buffers: [], transfer: [] });
      } catch {
        // The link is down; whoever owns it reports that the peer is gone.
      }
    }
  }
}

function keyOf({ from, id }: Ends): string {
  return `${from} ${id}`;
}

/** Plugins say with `_transfer: true` in a result that they do not keep the arrays in it. */
function asksForTransfer(value: unknown): boolean {
  return hasOwnFlag(value, "_transfer");
}
