/** Which runtime runs which type of plugin. */
import type { PluginType } from "../../model";
import { codedError } from "../../plugins/failure";
import { runInFrame, runInWorker } from "./browser";
import { runPage } from "./page";
import { runOnEngine } from "./python";
import type { Runtime } from "./runtime";
import { runPythonInFrame, runPythonInWorker } from "./web-python";

export { attachToEngine } from "./python";
export type { House, Instance, Launch, Runtime } from "./runtime";

export const runtimes: Record<PluginType, Runtime> = {
  "web-worker": runInWorker,
  iframe: runInFrame,
  window: runInFrame,
  "native-python": runOnEngine,
  "web-python": runPythonInWorker,
  "web-python-window": runPythonInFrame,
  "rpc-window": runPage,
  collection: refuse(
    "A collection has nothing to run.",
    "Run one of the plugins that it brought along.",
  ),
};

function refuse(cause: string, remedy: string): Runtime {
  return () =>
    Promise.reject(codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy }));
}
