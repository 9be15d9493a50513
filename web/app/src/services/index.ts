/** Every function that plugins can call at the workbench, by its name. */
import type { CallContext, Peer } from "@imjoy/rpc";
import type { Caller } from "../host/host";
import { codedError } from "../plugins/failure";
import { Allowance, LIMITS } from "./allowance";
import { cameraServices } from "./camera";
import { CAPABILITY_OF, FREE } from "./capabilities";
import { config } from "./config";
import type { Desk, Services } from "./desk";
import { fileSystem } from "./file-system";
import { fileServices } from "./files";
import { linkServices, type OpenTab } from "./links";
import { messages } from "./messages";
import { pickers } from "./pickers";
import { plugins } from "./plugins";
import { registry } from "./registry";
import type { ChooseFiles, SaveFile } from "./saving";
import { storage } from "./storage";
import { windows } from "./windows";

export interface BrowserActions {
  choose?: ChooseFiles;
  save?: SaveFile;
  openTab?: OpenTab;
}

export function allServices(actions: BrowserActions = {}): Services {
  return {
    ...messages,
    ...windows,
    ...fileServices(actions.choose, actions.save),
    ...plugins,
    ...registry,
    ...config,
    ...fileSystem,
    ...storage,
    ...cameraServices(),
    ...linkServices(actions.openTab),
    ...pickers(actions.choose, actions.save),
  };
}

/**
 * Exports every service as `api.<name>`. Who calls is known from the address of the call alone, and what
 * the user lets it do from the capability of the service; one that has no mark is refused.
 */
export function exportServices(peer: Peer, desk: Desk, services: Services): void {
  const allowance = new Allowance();
  for (const [name, service] of Object.entries(services)) {
    const run = async (call: CallContext, ...args: unknown[]): Promise<unknown> => {
      const caller = await desk.host.callerOf(call.from);
      const taken = allowance.take(caller.plugin.id, name);
      if (taken !== "granted") throw tooMuch(desk, caller, name, taken === "first");
      const capability = CAPABILITY_OF.get(name);
      if (capability) await desk.permissions.require(caller.plugin, capability);
      else if (!FREE.has(name)) throw unmarked(name);
      return service({ caller, signal: call.signal, desk }, ...args);
    };
    peer.export(`api.${name}`, run as (...args: never[]) => unknown, { withCaller: true });
  }
}

/** The person is told once, and the plugin each time. */
function tooMuch(desk: Desk, { plugin }: Caller, service: string, isFirst: boolean): Error {
  const { name } = plugin.source.manifest;
  const { most, seconds } = LIMITS[service] as { most: number; seconds: number };
  const cause = `${name} called api.${service} more than ${most} times in ${seconds} seconds, and is held back.`;
  const remedy = "Stop it in the list of plugins if it goes on.";
  if (isFirst) desk.notices.notify("info", `${cause} ${remedy}`, undefined, 20);
  return codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
}

function unmarked(name: string): Error {
  const cause = `The service ${name} is not marked with who may use it.`;
  const remedy = "Add it to a capability in protocol/manifest.schema.json, or to FREE.";
  return codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
}
