/** A web page of its own as a plugin, for windows that are opened by the address of a page. */
import type { PluginSource } from "../model";
import { parsePlugin } from "./parser";

/** True for an address that is a page to show, and not a plugin file to read. */
export function isPageAddress(address: string): boolean {
  if (!/^https?:\/\/\S+$/.test(address)) return false;
  const { hostname, pathname } = new URL(address);
  if (/\.imjoy\.html(?:@[^/]*)?$/.test(pathname)) return false;
  return (
    hostname !== "gist.github.com" &&
    !(hostname === "github.com" && /\/(?:blob|raw)\//.test(pathname))
  );
}

/** The plugin that a page is; `options` are those of the window, of which some are its manifest's. */
export function pagePlugin(address: string, options: Record<string, unknown>): PluginSource {
  const { origin, pathname } = new URL(address);
  const given = typeof options.name === "string" && options.name ? options.name : origin + pathname;
  const manifest = {
    name: given
      .replace(/^https?:\/\//, "")
      .replaceAll("/", " ")
      .trim()
      .slice(0, 100),
    type: "rpc-window",
    base_frame: address,
    passive: options.passive === true,
    permissions: options.permissions ?? [],
  };
  return parsePlugin(`<config>${JSON.stringify(manifest).replaceAll("<", "\\u003c")}</config>`, {
    origin: address,
  });
}
