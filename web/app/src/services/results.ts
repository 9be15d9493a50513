/** Shows what a plugin's `run` returned. */
import { NdArray } from "@imjoy/rpc";
import type { Installed } from "../plugins/catalog";
import { hostsOf } from "../plugins/permissions";
import { guessAxes, looksLikeImage } from "../workspaces/image-value";
import type { Desk } from "./desk";
import { hasView, openView } from "./views";

/** Opens a window for the result, or none when there is nothing to show. */
export async function showResult(
  desk: Desk,
  plugin: Installed,
  result: unknown,
  beside: string | undefined,
): Promise<void> {
  const { name } = plugin.source.manifest;
  const hosts = hostsOf(await desk.permissions.of(plugin));
  const view = (type: string, data: unknown, title: string): Promise<unknown> =>
    openView(desk, { type, name: title, data, beside, origin: `result of ${name}`, hosts });
  if (isEmpty(result)) return;
  if (result instanceof NdArray) {
    await view(isShowable(result) ? "imjoy/image" : "imjoy/generic", result, name);
    return;
  }
  if (!isRecord(result)) {
    await view("imjoy/generic", result, name);
    return;
  }
  const title = typeof result.name === "string" && result.name ? result.name : name;
  const type = typeof result.type === "string" ? result.type : "";
  if (hasView(type)) await view(type, result.data ?? result, title);
  else if (type === "image" || (type === "" && looksLikeImage(result))) {
    await view("imjoy/image", result.data ?? result, title === name ? `${name} result` : title);
  } else if (type !== "" && type !== name && desk.catalog.byName(type)) {
    await desk.pluginWindows.open(desk.catalog.byName(type) as Installed, result, null);
  } else if (type === name) {
    // The context of the run came back, as older plugins do; only its data can be news.
    if (!isEmpty(result.data) && !isInput(result.data))
      await showResult(desk, plugin, result.data, beside);
  } else await view("imjoy/generic", result, title);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  // The functions of a window, or of another plugin, are nothing to look at.
  return isRecord(value) && Object.values(value).some((entry) => typeof entry === "function");
}

function isInput(value: unknown): boolean {
  return isRecord(value) && value.type === "image" && value.image instanceof NdArray;
}

function isShowable(array: NdArray): boolean {
  if (array.shape.length < 2) return false;
  try {
    return guessAxes(array.shape).length > 0;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}
