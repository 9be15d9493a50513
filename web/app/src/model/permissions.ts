/** What a plugin may do, as the user sees and decides it. */
import type { CAPABILITIES } from "./capabilities";
import type { Readable } from "./store";

export type Capability = keyof typeof CAPABILITIES;

/** What was chosen for one version of a plugin; only for the capabilities that it can have at all. */
export interface Permissions {
  /** sha256 of the code for which this holds. */
  hash: string;
  choices: Partial<Record<Capability, string>>;
  /** Hosts that it may reach while the network is "listed". */
  hosts: string[];
}

export interface PermissionActions {
  /** By the id of the plugin, of those that were asked for. */
  readonly known: Readable<Record<string, Permissions>>;
  /** Shows what a plugin may do, so that it can be changed. */
  show(plugin: string): Promise<void>;
  /** Counts at once: a plugin that runs is stopped, its windows start again. */
  choose(plugin: string, change: PermissionChange): Promise<void>;
  /** Goes back to what the plugin file asks for. */
  reset(plugin: string): Promise<void>;
}

export interface PermissionChange {
  capability: Capability;
  choice: string;
  hosts?: string[];
}
