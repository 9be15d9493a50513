/** The errors in which a call can end besides those of the function itself. */
import { fromErrorRecord, isErrorRecord, RpcError } from "./errors";
import { malformed } from "./protocol/frame";

export function receivedError(value: unknown): RpcError {
  if (!isErrorRecord(value)) return malformed("an error lacks its fields");
  return fromErrorRecord(value);
}

export function asCancelled(error: unknown, signal: AbortSignal): unknown {
  const stopped = signal.aborted && (error as { name?: unknown } | null)?.name === "AbortError";
  return stopped ? cancelled("the call") : error;
}

export function cancelled(what: string): RpcError {
  return new RpcError("rpc.cancelled", `The call of ${what} was cancelled.`, { traceback: null });
}

/** The end of a call whose signal was aborted, as by `AbortSignal.timeout(5000)`. */
export function aborted(target: string, signal: AbortSignal | undefined): RpcError {
  const reason: unknown = signal?.reason;
  if (!(reason instanceof DOMException && reason.name === "TimeoutError")) return cancelled(target);
  return new RpcError("rpc.timeout", `${target} did not answer in the time that it was given.`);
}

export function timedOut(target: string, milliseconds: number): RpcError {
  const seconds = milliseconds / 1000;
  return new RpcError("rpc.timeout", `${target} did not answer within ${seconds} seconds.`);
}

export function methodNotFound(target: string): RpcError {
  const message = `There is no function "${target}" to call.`;
  return new RpcError("rpc.method_not_found", message, { traceback: null });
}

/** The link refused a frame: most often because it holds something that cannot be copied. */
export function cannotSend(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new RpcError("rpc.unserializable", `The message could not be sent: ${why}`);
}
