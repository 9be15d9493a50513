/** What every way of running a plugin offers to the host. */
import type { Peer, Router } from "@imjoy/rpc";
import type { EngineConnection } from "../../engines/connection";
import type { Failure, LogLine, PluginSource } from "../../model";
import type { JobHandle } from "../../workspaces/jobs";
import type { KeptTexts } from "../../workspaces/settings";
import type { Libraries } from "../libraries";
import type { PluginPermissions } from "../permissions";
import type { PythonFiles } from "../python-files";
import type { WarmFrame } from "../warm-frame";

/** What the runtimes share. */
export interface House {
  peer: Peer;
  router: Router;
  engine: EngineConnection;
  libraries: Libraries;
  python: PythonFiles;
  /** Text of the program that runs first in plugin frames. */
  sdk: string;
  /** Address of the app. */
  base: URL;
  /** Names of the functions that plugins can call. */
  services(): string[];
  /** The workspace that is open, by the name of its folder. */
  workspace(): string;
  permissions: PluginPermissions;
  /** What a plugin has kept in the storage of its frames. */
  storage(plugin: string): Promise<Record<string, string>>;
  /** Commands that the user agreed to. */
  agreements: KeptTexts;
  /** Asks the user. */
  confirm(question: { title: string; text: string; confirm: string }): Promise<boolean>;
  /** Frames that are ready for the next plugin. */
  warm: WarmFrame;
  /** Where frames are kept that nobody sees. */
  hidden: () => HTMLElement;
}

/** One start of one plugin. */
export interface Launch {
  /** Id of the installed plugin. */
  id: string;
  source: PluginSource;
  job: JobHandle;
  /** Aborted when the start is cancelled. */
  signal: AbortSignal;
  /** Where the frame of a window goes; hidden when absent. */
  container?: HTMLElement;
  log(level: LogLine["level"], text: string, time?: number): void;
  /** Told the address as soon as it is known: calls may come from it before the start is over. */
  onAddress(address: string): void;
  /** Called once when the plugin ends without being asked to. */
  onExit(failure: Failure): void;
  /** Told when its frame may keep the process of all frames busy. */
  onStuck(): void;
}

/** A plugin that runs. */
export interface Instance {
  readonly address: string;
  readonly methods: readonly string[];
  /** Exported values that are no functions. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The workspace that it works for, of those that are bound to one. */
  readonly workspace?: string;
  /** It ran already when this page came to it, so its `resume` is called in place of `setup`. */
  readonly resumed?: boolean;
  /** The frame, of those that have one. */
  readonly element?: HTMLIFrameElement;
  /** A call of it begins; what is returned tells that it has ended. */
  watch?(): () => void;
  /** After a cancelled call: true once the plugin does nothing, false when it goes on regardless. */
  settle(): Promise<boolean>;
  /** Tells a window plugin of an event. */
  emit(event: string, value?: unknown): void;
  /**
   * Ends the plugin for certain; `reason` is what calls to it fail with.
   * `stuck`: it does not answer, so its own `exit` is not called.
   */
  stop(reason: string, stuck?: boolean): Promise<void>;
  /** Lets it go on without this page if it may, or ends it. */
  leave?(reason: string): Promise<void>;
}

export type Runtime = (house: House, launch: Launch) => Promise<Instance>;

/** Where the engine has the files that plugins are given; nowhere without an engine. */
export function fileAddresses({ engine, base }: Pick<House, "engine" | "base">): string[] {
  return engine.address === null ? [] : [new URL("files/", base).href];
}
