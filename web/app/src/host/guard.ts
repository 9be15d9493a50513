/** Keeps plugins from calling whom they may not, whatever addresses they know. */
import { type Frame, isWithin } from "@imjoy/rpc";
import type { PluginPermissions } from "./permissions";

/** Who calls, and where the page and the engine are. */
export interface GuardFacts {
  plugin: string;
  page: string;
  engine: string | null;
  permissions: Pick<PluginPermissions, "allows">;
}

/**
 * A plugin that was given a function of an engine's worker knows the engine's address, for it is the
 * first part of the worker's; only the page may start and stop things there. And one that may not call
 * other plugins could still know addresses from earlier. Answers a call that is refused; returns true then.
 */
export function refuseCall(
  frame: Frame,
  facts: GuardFacts,
  answer: (frame: Frame) => void,
): boolean {
  const { header } = frame;
  const { engine } = facts;
  if (engine !== null && header.to === engine) {
    if (header.type === "call") refuse(frame, "A plugin may not call the engine itself.", answer);
    return true;
  }
  if (header.type !== "call" || header.to === facts.page) return false;
  const onEngine = engine !== null && isWithin(header.to, engine);
  const { plugin, permissions } = facts;
  if (
    permissions.allows(plugin, "plugins") &&
    !(onEngine && !permissions.allows(plugin, "engine"))
  ) {
    return false;
  }
  refuse(frame, "You do not let this plugin call other plugins.", answer);
  return true;
}

function refuse({ header }: Frame, message: string, answer: (frame: Frame) => void): void {
  if (header.type !== "call") return;
  const record = { code: "plugin.permission", name: "RpcError", message };
  answer({
    header: { type: "error", id: header.id, to: header.from, from: header.to },
    body: JSON.stringify({ ...record, traceback: null, data: null }),
    buffers: [],
  });
}
