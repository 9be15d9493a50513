/** What a plugin's frame may load and reach, as a content security policy. */
import type { PluginSource } from "../model";
import { allowedHosts } from "../plugins/card";
import { readRequirement } from "../plugins/requirements";

/**
 * The policy of the frame of one plugin. Older plugins expect an open network, so without
 * `network` in the manifest any https and wss address is allowed; the card says so.
 * `own`: addresses of the engine: its copies of libraries, and files that somebody gave the plugin.
 */
export function framePolicy(source: PluginSource, own: readonly string[] = []): string {
  const hosts = allowedHosts(source.manifest.network);
  const libraries = [...libraryOrigins(source), ...own];
  const network =
    hosts === null
      ? ["https:", "wss:"]
      : hosts.flatMap((host) => [`https://${host}`, `wss://${host}`]);
  const pages = [...network.filter((entry) => !entry.startsWith("wss:")), ...libraries];
  const load = pages.join(" ");
  const directives = [
    "default-src 'none'",
    `script-src 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data: ${load}`,
    `style-src 'unsafe-inline' blob: data: ${load}`,
    `img-src data: blob: ${load}`,
    `font-src data: blob: ${load}`,
    `media-src data: blob: ${load}`,
    `connect-src data: blob: ${[...new Set([...network, ...libraries])].join(" ")}`,
    "worker-src blob: data:",
    `frame-src blob: data: ${hosts === null ? load : ""}`,
    "form-action 'none'",
    "base-uri 'none'",
  ];
  return directives.map((directive) => directive.trim()).join("; ");
}

/** Origins of the libraries that the plugin file names. */
function libraryOrigins(source: PluginSource): string[] {
  const addresses = [
    ...source.manifest.requirements.map((text) => readRequirement(text).url),
    ...source.scripts.map(({ attrs }) => attrs.src),
    ...source.links.map(({ href }) => href),
  ];
  const origins = addresses.flatMap((address) => {
    if (typeof address !== "string" || !/^https?:\/\//.test(address)) return [];
    const { origin } = URL.canParse(address) ? new URL(address) : { origin: "" };
    return /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? [origin] : [];
  });
  return [...new Set(origins)];
}
