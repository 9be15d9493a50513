/** Which runtime runs which type of plugin. */
import type { PluginType } from "../../model";
import { codedError } from "../../plugins/failure";
import { runInFrame, runInWorker } from "./browser";
import { runOnEngine } from "./python";
import type { Runtime } from "./runtime";

export { attachToEngine } from "./python";
export type { House, Instance, Launch, Runtime } from "./runtime";

export const runtimes: Record<PluginType, Runtime> = {
  "web-worker": runInWorker,
  iframe: runInFrame,
  window: runInFrame,
  "native-python": runOnEngine,
  // Rarer ones are loaded when they are first used, so that the page starts smaller.
  "web-python": async (...run) => (await import("./web-python")).runPythonInWorker(...run),
  "web-python-window": async (...run) => (await import("./web-python")).runPythonInFrame(...run),
  "rpc-window": async (...run) => (await import("./page")).runPage(...run),
  collection: refuse(
    "A collection has nothing to run.",
    "Run one of the plugins that it brought along.",
  ),
};

function refuse(cause: string, remedy: string): Runtime {
  return () =>
    Promise.reject(codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy }));
}
