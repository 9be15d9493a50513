/** What a plugin is, and what the page shows of it. */
import type { EnvironmentPreview } from "./environments";
import type { Failure } from "./work";

export type PluginType =
  | "web-worker"
  | "iframe"
  | "window"
  | "native-python"
  | "web-python"
  | "web-python-window"
  | "rpc-window"
  | "collection";

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
  problems: string[];
  /** What the first start of a Python plugin will fetch, for a variant; absent without an engine. */
  preview?(tag: string | null): Promise<EnvironmentPreview>;
  /** Present when a plugin of this name is installed already. */
  replaces?: { version: string };
}

export type PluginState = "installed" | "starting" | "ready" | "running" | "failed";

export interface LogLine {
  time: number;
  level: "info" | "error" | "debug";
  text: string;
}

export interface PluginEntry {
  id: string;
  source: PluginSource;
  state: PluginState;
  /** 0..1, or null when nothing measurable is going on. */
  progress: number | null;
  status: string;
  log: LogLine[];
  failure: Failure | null;
  fields: FormField[];
  /** Text around the fields of the plugin's form (sanitised HTML). */
  config: Record<string, unknown>;
}

export interface FormField {
  id: string;
  label: string;
  type: "number" | "choose" | "string" | "checkbox" | "color";
  value: unknown;
  min?: number;
  max?: number;
  step?: number;
  options?: { label: string; value: unknown }[];
}

export interface RepositoryEntry {
  name: string;
  type: string;
  version: string;
  description: string;
  icon: string | null;
  labels: string[];
  /** Relative to the app's base address. */
  path: string;
}
