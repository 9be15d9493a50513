/** What a plugin may do by its manifest, and what of a user's decisions holds for another version. */
import { CAPABILITIES, type Capability, type Permissions, type PluginSource } from "../model";
import { allowedHosts } from "./hosts";
import { libraryAddresses } from "./requirements";

export const CAPABILITY_NAMES = Object.keys(CAPABILITIES) as Capability[];

/** What older plugins call the permissions of the browser that they ask for. */
const OLD_NAMES: Record<string, Capability> = {
  "clipboard-read": "clipboard",
  "clipboard-write": "clipboard",
};

/** The capabilities that a plugin of that type can have; what it cannot have needs no decision. */
export function capabilitiesOf({ manifest: { type } }: PluginSource): Capability[] {
  if (type === "collection") return [];
  const isPage = type !== "native-python";
  const where: Record<string, boolean> = {
    all: true,
    page: isPage,
    frame: isPage && type !== "rpc-window",
    "rpc-window": type === "rpc-window",
  };
  return CAPABILITY_NAMES.filter((name) => where[CAPABILITIES[name].runs]);
}

/** True when the plugin file says that it needs the capability. */
export function declares({ manifest }: PluginSource, capability: Capability): boolean {
  return manifest.permissions.some((name) => (OLD_NAMES[name] ?? name) === capability);
}

/** What holds when the user has decided nothing: as open as older plugins expect, unless the file says less. */
export function defaultPermissions(source: PluginSource): Permissions {
  const choices: Permissions["choices"] = {};
  for (const name of capabilitiesOf(source)) choices[name] = CAPABILITIES[name].default;
  const hosts = allowedHosts(source.manifest.network);
  const nothing = hosts?.length === 0 && libraryAddresses(source).length === 0;
  if (choices.network && hosts) choices.network = nothing ? "none" : "listed";
  return { hash: source.hash, choices, hosts: hosts ?? [] };
}

/**
 * What holds for the code of `source` after decisions for maybe another version: new code has to ask
 * again for what was allowed, but what was taken away stays away.
 */
export function carriedOver(kept: Permissions, source: PluginSource): Permissions {
  const usual = defaultPermissions(source);
  const same = kept.hash === source.hash;
  const choices = { ...usual.choices };
  for (const name of capabilitiesOf(source)) {
    const choice = kept.choices[name];
    if (
      choice !== undefined &&
      isChoice(name, choice) &&
      (same || isStricter(name, choice, usual))
    ) {
      choices[name] = choice;
    }
  }
  const listed = choices.network === "listed" && kept.choices.network === "listed";
  const hosts = listed
    ? kept.hosts.filter(
        (host) => same || usual.choices.network === "any" || usual.hosts.includes(host),
      )
    : usual.hosts;
  return { hash: source.hash, choices, hosts };
}

export function isChoice(capability: Capability, choice: string): boolean {
  return Object.hasOwn(CAPABILITIES[capability].choices, choice);
}

function isStricter(capability: Capability, choice: string, usual: Permissions): boolean {
  const order = Object.keys(CAPABILITIES[capability].choices);
  return order.indexOf(choice) >= order.indexOf(usual.choices[capability] ?? "");
}

/** Hosts that may be reached; null for any. */
export function hostsOf({ choices, hosts }: Permissions): string[] | null {
  if (choices.network === undefined || choices.network === "any") return null;
  return choices.network === "listed" ? hosts : [];
}

/** True when the address of that host and port is one of the list; `*.` stands for every name below. */
export function mayReach(hosts: readonly string[] | null, host: string): boolean {
  return (
    hosts === null ||
    hosts.some((one) => (one.startsWith("*.") ? host.endsWith(one.slice(1)) : host === one))
  );
}
