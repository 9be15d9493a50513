/** What a plugin is, and what the page shows of it. */
import type { EnvironmentPreview } from "./environments";
import type { FormField, OpEntry } from "./forms";
import type { PLUGIN_TYPES } from "./manifest-words";
import type { Permissions } from "./permissions";
import type { Store } from "./store";
import type { Failure } from "./work";

export type PluginType = (typeof PLUGIN_TYPES)[number];

export interface Manifest {
  name: string;
  type: PluginType;
  version: string;
  api_version: string;
  description: string;
  tags: string[];
  ui: unknown;
  inputs: unknown;
  outputs: unknown;
  requirements: string[];
  dependencies: string[];
  env: unknown;
  flags: string[];
  icon: string | null;
  cover: string | string[] | null;
  defaults: Record<string, unknown>;
  permissions: string[];
  runnable: boolean;
  [other: string]: unknown;
}

/** A parsed plugin file. */
export interface PluginSource {
  manifest: Manifest;
  tag: string | null;
  code: string;
  /** sha256 of `code` in hex. */
  hash: string;
  origin: string;
  /** `line`: the line of the file on which the content begins, so that tracebacks match the file. */
  scripts: { content: string; lang: string; attrs: Record<string, string | true>; line: number }[];
  windows: string[];
  styles: string[];
  links: Record<string, string | true>[];
  docs: string;
  attachments: Record<string, string>;
}

/** What a plugin is, needs and may touch, in sentences for the user. */
export interface PluginCard {
  source: PluginSource;
  runsIn: string;
  needs: string[];
  mayTouch: string[];
  /** What it may do, which the user can change before it is installed. */
  permissions: Store<Permissions>;
  problems: string[];
  /** What the first start of a Python plugin will fetch, for a variant; absent without an engine. */
  preview?(tag: string | null): Promise<EnvironmentPreview>;
  /** Present when a plugin of this name is installed already. */
  replaces?: { version: string };
}

export type PluginState = "installed" | "starting" | "ready" | "running" | "stopping" | "failed";

export interface LogLine {
  time: number;
  level: "info" | "error" | "debug";
  text: string;
}

export interface PluginEntry {
  id: string;
  /** No newer version is offered. */
  pinned: boolean;
  source: PluginSource;
  state: PluginState;
  /** 0..1, or null when nothing measurable is going on. */
  progress: number | null;
  status: string;
  log: LogLine[];
  failure: Failure | null;
  /** Its own form, and the answers. */
  fields: FormField[];
  html: string;
  config: Record<string, unknown>;
  /** What it registered, in that order. */
  ops: OpEntry[];
}

export interface RepositoryEntry {
  name: string;
  type: string;
  version: string;
  description: string;
  icon: string | null;
  cover: string | null;
  labels: string[];
  /** Variants that one can choose from. */
  tags: string[];
  requirements: string[];
  /** The repository that lists it, as the user wrote it; empty for the plugins that come with the app. */
  repository: string;
  /** Of its file: relative to the app's base address for those that come with it. */
  path: string;
}

/** A version of an installed plugin that was replaced by another. */
export interface PluginVersion {
  version: string;
  tag: string | null;
  origin: string;
  replacedAt: number;
}

/** What can be done with the versions of plugins. */
export interface PluginVersions {
  /** Those that were replaced, the newest first. */
  earlier(id: string): Promise<PluginVersion[]>;
  /** Puts an earlier version in the place of the one that is here, which is kept in turn. */
  goBack(id: string, version: string): Promise<void>;
  /** Installs an earlier version beside the one that is here. */
  keepBeside(id: string, version: string): Promise<void>;
  pin(id: string, pinned: boolean): Promise<void>;
  /** What a plugin of the library is, needs and may touch, without installing it. */
  inspect(entry: RepositoryEntry): Promise<PluginCard>;
  /** Looks where the installed plugins came from; gives the new version by the id of the plugin. */
  findUpdates(): Promise<Record<string, string>>;
  /** Shows the card of the newest version. */
  update(id: string): Promise<string | null>;
}
