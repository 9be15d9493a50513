/** Names of plugin files. */
import type { PluginSource } from "../model";

/** The name of the file of a new plugin. */
export function fileNameOf(plugin: string): string {
  return `${stemOf(plugin).toLowerCase()}.imjoy.html`;
}

/** The name without what not every computer can keep. */
export function stemOf(plugin: string): string {
  return plugin.replace(/[^\p{L}\p{N}_.-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "") || "plugin";
}

/** The name of the file that an installed plugin came from, or one made of the plugin's name. */
export function fileOfOrigin(origin: string, plugin: string): string {
  const last = lastOf(origin);
  return last.endsWith(".imjoy.html") ? decoded(last) : fileNameOf(plugin);
}

/** Files that a plugin is written in; a module becomes a plugin file with the same lines. */
const WRITTEN = /\.(?:imjoy\.html|py|m?js)$/;

/** Name of the plugin's file in tracebacks; in those of JavaScript white space would end it. */
export function scriptFileName({ origin, manifest }: PluginSource): string {
  const last = lastOf(origin);
  const name = WRITTEN.test(last) ? last : `${manifest.name}.imjoy.html`;
  return name.replace(/%20|\s+/g, "_");
}

/** Every name under which a plugin's file may stand in its tracebacks. */
export function namesInTracebacks(source: PluginSource): string[] {
  const { name } = source.manifest;
  return [scriptFileName(source), name.endsWith(".imjoy.html") ? name : `${name}.imjoy.html`];
}

function lastOf(origin: string): string {
  const path = origin.replace(/^file /, "").replace(/[?#].*$/, "");
  return path.split("/").at(-1) ?? "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
