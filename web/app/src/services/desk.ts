/** What the services work with, and the form of a service. */
import type { Peer } from "@imjoy/rpc";
import type { Caller, PluginHost } from "../host/host";
import type { PluginPermissions } from "../host/permissions";
import type { Failure, ImageData_, PluginSource, Store } from "../model";
import type { Catalog } from "../plugins/catalog";
import type { Dialogs } from "../workspaces/dialogs";
import type { ImageReaders } from "../workspaces/image-value";
import type { Items } from "../workspaces/items";
import type { Jobs } from "../workspaces/jobs";
import type { Notices } from "../workspaces/notices";
import type { Settings } from "../workspaces/settings";
import type { Windows } from "../workspaces/windows";
import type { Workspaces } from "../workspaces/workspaces";
import type { EngineFiles } from "./engine-files";
import type { Forms } from "./forms";
import type { Operators } from "./operators";
import type { PluginWindows } from "./plugin-windows";
import type { Registry } from "./registry";
import type { RunInputs } from "./run-inputs";
import type { WindowHandle } from "./window-handle";

export interface Desk {
  peer: Peer;
  host: PluginHost;
  catalog: Catalog;
  windows: Windows;
  pluginWindows: PluginWindows;
  /** Windows that plugins opened with a built-in view, by their ids. */
  views: Map<string, WindowHandle>;
  dialogs: Dialogs;
  notices: Notices;
  jobs: Jobs;
  runInputs: RunInputs;
  items: Items;
  settings: Settings;
  files: EngineFiles;
  permissions: PluginPermissions;
  registry: Registry;
  readers: ImageReaders;
  /** The folder of the open workspace, which tells it from others. */
  workspace(): string;
  workspaces(): Pick<Workspaces, "addTo" | "open">;
  status: Store<{ text: string; progress: number | null }>;
  /** Progress of a plugin in the list, 0 to 1, or null. */
  setProgress(plugin: string, progress: number | null): void;
  forms: Forms;
  operators: Operators;
  /** Opens an image in a window; gives the id of the window. */
  openImage(name: string, image: ImageData_, origin: string, beside?: string): string;
  /** Asks the user to install a plugin from an address or its text; gives its id, or null. */
  install(source: string, tag: string | null, parent?: PluginSource): Promise<string | null>;
  /** Removes a plugin with all that it has kept. */
  remove(plugin: string): Promise<void>;
  fail(failure: Failure): void;
  /** A step is done anew: that it failed before is no news any more. */
  begin(step: string): void;
}

export interface ServiceContext {
  caller: Caller;
  signal: AbortSignal;
  desk: Desk;
}

/** A function that plugins call as `api.<name>`. The caller is known from its address, never from arguments. */
export type Service = (context: ServiceContext, ...args: unknown[]) => unknown;

export type Services = Record<string, Service>;

/** Name of the plugin that calls. */
export function nameOf({ caller }: ServiceContext): string {
  return caller.plugin.source.manifest.name;
}

/** True when the plugin was written for a version of the api up to `limit`, such as "0.1.3". */
export function apiUpTo({ caller }: ServiceContext, limit: string): boolean {
  const parts = (text: string): number[] => text.split(".").map((part) => Number(part) || 0);
  const [have, want] = [parts(caller.plugin.source.manifest.api_version), parts(limit)];
  for (let i = 0; i < want.length; i += 1) {
    const difference = (have[i] ?? 0) - (want[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
