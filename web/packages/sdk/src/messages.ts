/** What workbench and plugin frame say to each other before and while a plugin is loaded. */

import type { MirrorFacts } from "./mirror";

/** Sent once with a MessagePort; everything after goes through the port. */
export interface Hello {
  imjoy: "connect";
  /** Address of the plugin. */
  address: string;
  /** Address of the workbench, the only peer that may load code here. */
  host: string;
  /** Where libraries are looked for first; null without an engine. */
  mirror: MirrorFacts | null;
  /** What it may load and reach, as a content security policy. */
  policy: string;
  /** The network of the plugin is limited, so that it may have no frames inside its frame. */
  limited?: boolean;
  /** What a plugin in Python needs to run here. */
  python?: PythonRuntime;
}

/** Python for the browser, all of it, because a closed-off frame can fetch nothing from the app. */
export interface PythonRuntime {
  /** Files of Python itself, and wheels by their file names. */
  files: Record<string, Blob>;
  /** Names of the wheels among the files. */
  wheels: string[];
  /** Our own modules for plugins: path and text. */
  sources: Record<string, string>;
  /** What a window of the plugin shows, and the scripts that it needs. */
  steps: LoadStep[];
  /** What it has kept in its `localStorage`; null when it may keep nothing. */
  storage: Record<string, string> | null;
}

/** Constants that a plugin can read without a call. */
export interface PluginFacts {
  name: string;
  type: string;
  tag: string | null;
  workspace: string;
  engineUrl: string;
  /** Names of the functions that `api` has beside those of the frame itself; null when not known. */
  services: readonly string[] | null;
  /** What it has kept in its `localStorage`; null when it may keep nothing. */
  storage: Record<string, string> | null;
  /** The manifest as the plugin wrote it. */
  config: Record<string, unknown>;
}

export type RequireKind = "script" | "module" | "style";

/** One step of loading a plugin, in the order of the file. */
export type LoadStep =
  | { kind: "require"; as: RequireKind; url: string; text?: string | undefined }
  | { kind: "style"; text: string }
  | { kind: "link"; attrs: Record<string, string | true> }
  | { kind: "html"; text: string }
  | { kind: "data"; type: string; attrs: Record<string, string | true>; text: string }
  | { kind: "script"; text: string; file: string; line: number; module: boolean };

/** What a plugin exported. */
export interface PluginInterface {
  methods: string[];
  values: Record<string, unknown>;
}
