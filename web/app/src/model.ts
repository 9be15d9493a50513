/** The types that host, viewer and shell share: what the workbench holds and what can be done with it. */
import type { NdArray } from "@imjoy/rpc";

/** A value that can be watched; `subscribe` calls back at once and on every change and returns the way to stop. */
export interface Readable<T> {
  get(): T;
  subscribe(run: (value: T) => void): () => void;
}

/** A minimal store; also satisfies the store contract of Svelte. */
export class Store<T> implements Readable<T> {
  private readonly runs = new Set<(value: T) => void>();
  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
    for (const run of [...this.runs]) run(value);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  subscribe(run: (value: T) => void): () => void {
    this.runs.add(run);
    run(this.value);
    return () => this.runs.delete(run);
  }
}

// ---- data -----------------------------------------------------------------------------------

/** Pixels with named axes. `axes` has one letter for each dimension: T Z C Y X, S for interleaved RGB(A) samples. */
export interface ImageData_ {
  array: NdArray;
  axes: string;
  channelNames?: string[];
  /** Integer labels of shape [Y, X] (or [Z, Y, X]) drawn over the image; 0 is background. */
  labels?: NdArray;
  /** Facts to show: format, bit depth, compression, pixel size with unit. */
  info?: Record<string, string>;
}

export interface DataItem {
  id: string;
  name: string;
  image: ImageData_;
  /** Where it came from, in words: "sample", "cells.tif", "result of Coins". */
  origin: string;
  bytes: number;
}

export interface Sample {
  id: string;
  name: string;
  description: string;
  /** Relative to the app's base address. */
  path: string;
}

// ---- plugins --------------------------------------------------------------------------------

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
  /** Present when a plugin of this name is installed already. */
  replaces?: { version: string };
}

export type PluginState = "installed" | "starting" | "ready" | "running" | "failed";

export interface LogLine {
  time: number;
  level: "info" | "error" | "debug";
  text: string;
}

export interface Failure {
  /** What was being done: "Starting Coins". */
  step: string;
  cause: string;
  remedy: string;
  /** Traceback or other detail, possibly long. */
  detail?: string;
  code: string;
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

// ---- work -----------------------------------------------------------------------------------

export interface Job {
  id: string;
  plugin: string;
  title: string;
  state: "running" | "done" | "failed" | "cancelled";
  /** In words: "Downloading numpy". */
  step: string;
  done: number;
  total: number;
  unit: "bytes" | "packages" | "percent" | "";
  startedAt: number;
  endedAt: number | null;
  failure: Failure | null;
  cancel(): void;
}

export type EngineStatus =
  | { state: "none" }
  | { state: "signed-out"; message: string }
  | { state: "connecting" }
  | { state: "connected"; info: Record<string, unknown> }
  | { state: "disconnected"; message: string };

export interface Notice {
  id: string;
  level: "info" | "success" | "error";
  text: string;
  failure?: Failure;
  /** Seconds until it goes by itself; 0 keeps it. */
  seconds: number;
}

// ---- windows and dialogs ----------------------------------------------------------------------

export type WindowContent =
  | { kind: "image"; item: string }
  | { kind: "frame"; plugin: string }
  | { kind: "markdown"; source: string }
  | { kind: "value"; value: unknown }
  | { kind: "log"; plugin: string };

export interface WindowModel {
  id: string;
  title: string;
  content: WindowContent;
  /** Id of the window that this one should open beside. */
  beside?: string;
}

export type DialogRequest =
  | { id: string; kind: "alert"; title: string; text: string; done(): void }
  | {
      id: string;
      kind: "confirm";
      title: string;
      text: string;
      confirm: string;
      cancel: string;
      done(yes: boolean): void;
    }
  | {
      id: string;
      kind: "prompt";
      title: string;
      text: string;
      placeholder: string;
      done(answer: string | null): void;
    }
  | {
      id: string;
      kind: "form";
      title: string;
      fields: FormField[];
      html: string;
      done(answer: Record<string, unknown> | null): void;
    }
  | { id: string; kind: "frame"; title: string; window: WindowModel; done(): void }
  | { id: string; kind: "install"; card: PluginCard; done(tag: string | null | false): void };

/** Everything the shell shows and does. Built once, in main.ts. */
export interface Workbench {
  readonly plugins: Readable<PluginEntry[]>;
  readonly repository: Readable<RepositoryEntry[]>;
  readonly samples: Readable<Sample[]>;
  readonly items: Readable<DataItem[]>;
  readonly windows: Readable<WindowModel[]>;
  readonly activeWindow: Store<string | null>;
  readonly dialogs: Readable<DialogRequest[]>;
  readonly notices: Readable<Notice[]>;
  readonly jobs: Readable<Job[]>;
  readonly engine: Readable<EngineStatus>;
  /** One line of status text that plugins set. */
  readonly status: Readable<{ text: string; progress: number | null }>;

  /** Loads what was installed before and connects the engine; resolves when the page can be used. */
  start(): Promise<void>;
  /** Plugin files are offered for installation, images open; anything else becomes an error notice. */
  openFiles(files: File[]): Promise<void>;
  openSample(id: string): Promise<void>;
  openImage(name: string, image: ImageData_, origin: string, beside?: string): string;
  /** Each shows the card and resolves to the plugin's id, or null when the user declines. */
  installFromFile(file: File): Promise<string | null>;
  installFromUrl(url: string): Promise<string | null>;
  installFromRepository(name: string): Promise<string | null>;
  removePlugin(id: string): Promise<void>;
  startPlugin(id: string): Promise<void>;
  runPlugin(id: string): Promise<void>;
  stopPlugin(id: string): Promise<void>;
  setConfig(id: string, field: string, value: unknown): void;
  showDocs(id: string): void;
  showLog(id: string): void;
  closeWindow(id: string): void;
  /** The shell tells where a window's content is on the page; frames are created in there and never moved in the DOM. */
  mountWindow(id: string, container: HTMLElement): void;
  /** Size or visibility of a mounted window changed. */
  windowResized(id: string, width: number, height: number): void;
  dismissNotice(id: string): void;
  notify(level: Notice["level"], text: string, failure?: Failure): void;
  signIn(token: string): Promise<void>;
  signOut(): Promise<void>;
}
