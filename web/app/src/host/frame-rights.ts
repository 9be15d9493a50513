/** What the browser lets a plugin's frame do, as the user has decided. */
import type { Installed } from "../plugins/catalog";
import type { PluginPermissions } from "./permissions";

const CLIPBOARD = ["clipboard-read", "clipboard-write"];

/** Names for the `allow` of the frame; asks the user where the plugin file says that it needs something. */
export async function allowedDevices(
  permissions: PluginPermissions,
  plugin: Installed,
): Promise<string[]> {
  const allow = (await permissions.settle(plugin, "clipboard")) ? [...CLIPBOARD] : [];
  // A closed-off frame gets pictures of the camera from the page; only pages of other sites use devices.
  if (plugin.source.manifest.type !== "rpc-window") return allow;
  for (const device of ["camera", "microphone"] as const) {
    if (await permissions.settle(plugin, device)) allow.push(device);
  }
  return allow;
}
