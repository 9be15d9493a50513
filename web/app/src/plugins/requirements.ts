/** Sorts the requirements of a plugin that runs in the page. */
import type { Manifest, PluginSource } from "../model";

export type RequirementKind = "script" | "module" | "style" | "cache" | "unknown";

export interface Requirement {
  kind: RequirementKind;
  url: string;
  /** As it stands in the plugin file. */
  text: string;
}

/** What a requirement of a worker, frame or window asks for. */
export function readRequirement(text: string): Requirement {
  const trimmed = text.trim();
  const prefixed = /^(js|css|mjs|cache)\s*:\s*(.*)$/s.exec(trimmed);
  if (prefixed) {
    const kinds: Record<string, RequirementKind> = {
      js: "script",
      css: "style",
      mjs: "module",
      cache: "cache",
    };
    return {
      kind: kinds[prefixed[1] as string] as RequirementKind,
      url: prefixed[2] as string,
      text,
    };
  }
  const path = trimmed.replace(/[?#].*$/s, "").toLowerCase();
  // Hosts of fonts make a style sheet of each request, under an address such as `…/css2?family=Inter`.
  const isOfFonts = /\/(?:css2?|icon)\?(?:.*&)?family=/i.test(trimmed);
  if (path.endsWith(".css") || isOfFonts) return { kind: "style", url: trimmed, text };
  if (path.endsWith(".mjs")) return { kind: "module", url: trimmed, text };
  if (path.endsWith(".js") || /^(https?:)?\/\//.test(trimmed)) {
    return { kind: "script", url: trimmed, text };
  }
  return { kind: "unknown", url: trimmed, text };
}

/** True when the plugin's code runs on a Python engine. */
export function needsEngine(manifest: Manifest): boolean {
  return manifest.type === "native-python";
}

/** Complete addresses of the scripts and style sheets that the plugin file names. */
export function libraryAddresses({ manifest, scripts, links }: PluginSource): string[] {
  const named = [
    ...manifest.requirements.map((text) => readRequirement(text).url),
    ...scripts.map(({ attrs }) => attrs.src),
    ...links.map(({ href }) => href),
  ];
  return named.filter(
    (address): address is string => typeof address === "string" && /^https?:\/\//.test(address),
  );
}
