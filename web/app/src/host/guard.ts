/** Keeps plugins from calling an engine itself: only the page may start and stop things there. */
import type { Frame } from "@imjoy/rpc";

/**
 * A plugin that was given a function of an engine's worker knows the engine's address, for it is the
 * first part of the worker's. Answers a frame to the engine itself; returns true when it did.
 */
export function refuseEngine(
  frame: Frame,
  engine: string | null,
  answer: (frame: Frame) => void,
): boolean {
  const { header } = frame;
  if (engine === null || header.to !== engine) return false;
  if (header.type === "call") {
    const message = "A plugin may not call the engine itself.";
    const record = { code: "plugin.permission", name: "RpcError", message };
    answer({
      header: { type: "error", id: header.id, to: header.from, from: header.to },
      body: JSON.stringify({ ...record, traceback: null, data: null }),
      buffers: [],
    });
  }
  return true;
}
