/** An address that opens what is open here: the workspace, its plugins and the data that has an address. */
import type { DataItem, PluginEntry, Sample } from "../model";
import { FIRST_NAME } from "../workspaces/workspace-list";

export interface Shared {
  link: string;
  /** What the link does not hold, and why, in words. */
  left: string[];
}

const SHARED_NAME = "Shared workspace";

/** Longer addresses are cut by mail programs and servers. */
export const LONGEST = 8000;

export function shareLink(given: {
  /** Address of the app. */
  base: URL;
  name: string;
  plugins: readonly PluginEntry[];
  items: readonly DataItem[];
  samples: readonly Sample[];
}): Shared {
  const { base, name, plugins, items, samples } = given;
  // Everybody has one of the first name, and it is not meant to get what is in this one.
  const params = new URLSearchParams([["workspace", name === FIRST_NAME ? SHARED_NAME : name]]);
  const left: string[] = [];
  const library = new URL("repository/", base).href;
  for (const { source } of plugins) {
    const { origin, tag, manifest } = source;
    if (origin.startsWith(library)) params.append("plugin", manifest.name);
    else if (/^https?:\/\//.test(origin)) {
      params.append("plugin", tag === null ? origin : `${origin}@${tag}`);
    } else left.push(`the plugin ${manifest.name}: it was installed from a file`);
  }
  for (const { name: title, origin } of items) {
    const sample = origin === "sample" && samples.find((known) => known.name === title);
    if (sample) params.append("open", `sample:${sample.id}`);
    else if (/^https?:\/\//.test(origin)) params.append("open", origin);
    else left.push(`the image ${title}: ${reason(origin)}`);
  }
  return { link: `${new URL(".", base).href}#/app?${params}`, left };
}

function reason(origin: string): string {
  return origin.startsWith("result of")
    ? "it was computed here; run the plugin again"
    : "its file is on this computer";
}
