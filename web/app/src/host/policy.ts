/** What a plugin's frame may load and reach, as a content security policy. */
import type { Permissions, PluginSource } from "../model";
import { hostsOf } from "../plugins/permissions";
import { libraryAddresses } from "../plugins/requirements";

/**
 * The policy of the frame of one plugin. Older plugins expect an open network, so without `network` in
 * the manifest, and a decision of the user, any https and wss address is allowed; the card says so.
 * `own`: addresses of the engine: its copies of libraries, and files that somebody gave the plugin.
 */
export function framePolicy(
  source: PluginSource,
  permissions: Permissions,
  own: readonly string[] = [],
): string {
  const hosts = hostsOf(permissions);
  const named = permissions.choices.network === "none" ? [] : libraryOrigins(source);
  const libraries = [...named, ...own];
  const network =
    hosts === null
      ? ["https:", "wss:"]
      : hosts.flatMap((host) => (LOCAL.test(host) ? plainly(host) : safely(host)));
  const pages = [...network.filter((entry) => !/^wss?:/.test(entry)), ...libraries];
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

/** A server of this computer, which speaks without encryption; it is reached only where the user lists it. */
const LOCAL = /^(?:localhost|127\.0\.0\.1|[\w-]+\.localhost):\d+$/i;

function safely(host: string): string[] {
  return [`https://${host}`, `wss://${host}`];
}

function plainly(host: string): string[] {
  return [...safely(host), `http://${host}`, `ws://${host}`];
}

/** Origins of the libraries that the plugin file names. */
function libraryOrigins(source: PluginSource): string[] {
  const origins = libraryAddresses(source).flatMap((address) => {
    const { origin } = URL.canParse(address) ? new URL(address) : { origin: "" };
    return /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? [origin] : [];
  });
  return [...new Set(origins)];
}
