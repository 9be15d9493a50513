/** Which capability a plugin needs for which service. */
import { CAPABILITIES, type Capability } from "../model";

/** By the name of the service. */
export const CAPABILITY_OF: ReadonlyMap<string, Capability> = new Map(
  Object.entries(CAPABILITIES).flatMap(([capability, { services }]) =>
    services.map((name): [string, Capability] => [name, capability as Capability]),
  ),
);

/** Services that every plugin may use: they tell something, or concern only the plugin that calls. */
export const FREE: ReadonlySet<string> = new Set([
  "alert",
  "close",
  "confirm",
  // It only says why it is not offered.
  "connectToServer",
  "echo",
  "emit",
  "error",
  "focus",
  "getAttachment",
  "hide",
  "log",
  "progress",
  "prompt",
  "refresh",
  "register",
  "registerService",
  "resize",
  "show",
  "showMessage",
  "showPluginProgress",
  "showPluginStatus",
  "showProgress",
  "showSnackbar",
  "showStatus",
  "unregister",
  "unregisterService",
  // Each page is a question of its own.
  "utils.openUrl",
  "utils.sleep",
]);
