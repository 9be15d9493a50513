/** Everything the shell shows and does, as one interface. */
import type { DataItem, ImageData_, Sample } from "./data";
import type { EditorActions } from "./editor";
import type { Environments } from "./environments";
import type { EngineFileActions } from "./files";
import type { PermissionActions } from "./permissions";
import type { PluginEntry, PluginVersions, RepositoryEntry } from "./plugins";
import type { Readable, Store } from "./store";
import type { DialogRequest, LayoutState, WindowModel, WindowSize } from "./windows";
import type { EngineStatus, Failure, Job, Notice } from "./work";
import type { Workers } from "./workers";
import type { UndoActions, WorkspaceActions } from "./workspaces";

/** Everything the shell shows and does. Built once, in main.ts. */
export interface Workbench {
  readonly plugins: Readable<PluginEntry[]>;
  /** The plugins that can be had, of the app and of the repositories that the user added. */
  readonly repository: Readable<RepositoryEntry[]>;
  readonly repositories: Readable<string[]>;
  readonly samples: Readable<Sample[]>;
  readonly items: Readable<DataItem[]>;
  readonly windows: Readable<WindowModel[]>;
  readonly activeWindow: Store<string | null>;
  readonly layout: Store<LayoutState>;
  readonly workspaces: WorkspaceActions;
  readonly undo: UndoActions;
  readonly dialogs: Readable<DialogRequest[]>;
  readonly notices: Readable<Notice[]>;
  readonly jobs: Readable<Job[]>;
  readonly engine: Readable<EngineStatus>;
  readonly workers: Workers;
  readonly environments: Environments;
  readonly files: EngineFileActions;
  readonly versions: PluginVersions;
  readonly permissions: PermissionActions;
  readonly editor: EditorActions;
  /** One line of status text that plugins set. */
  readonly status: Readable<{ text: string; progress: number | null }>;

  /** Loads what was installed before and connects the engine; resolves when the page can be used. */
  start(): Promise<void>;
  /** Plugin files are offered for installation, images open; anything else becomes an error notice. */
  openFiles(files: File[]): Promise<void>;
  /** Fetches a file and opens it like one of this computer. */
  openAddress(address: string): Promise<void>;
  openSample(id: string): Promise<void>;
  openImage(name: string, image: ImageData_, origin: string, beside?: string): string;
  /** Each shows the card and resolves to the plugin's id, or null when the user declines. */
  installFromFile(file: File): Promise<string | null>;
  installFromUrl(url: string): Promise<string | null>;
  installFromRepository(name: string): Promise<string | null>;
  /** Rejects when there is no repository at that address. */
  addRepository(address: string): Promise<void>;
  removeRepository(address: string): void;
  removePlugin(id: string): Promise<void>;
  startPlugin(id: string): Promise<void>;
  /** The window that a run of a plugin, or of its operation, would work on now. */
  inputOf(id: string, op?: string): string | undefined;
  /** Runs it on the image that is open, or with what is given. */
  runPlugin(id: string, given?: { data: unknown; config?: Record<string, unknown> }): Promise<void>;
  /** Runs an operation that a plugin registered, on what is active or on `data`. */
  runOperator(id: string, op: string, data?: unknown): Promise<void>;
  stopPlugin(id: string): Promise<void>;
  setConfig(id: string, field: string, value: unknown, op?: string): void;
  /** A button of the form was pressed. */
  pressField(id: string, field: string, op?: string): void;
  showDocs(id: string): void;
  showLog(id: string): void;
  closeWindow(id: string): void;
  /** Opens a built-in view (`imjoy/…`) on what it is given. */
  openView(type: string, data: Record<string, unknown>): Promise<void>;
  /** Gives a window a size in pixels; the user can change it afterwards. */
  resizeWindow(id: string, size: WindowSize): void;
  /** Tries again to open what could not be opened when the workspace came back. */
  reopenWindow(id: string): void;
  /** The shell tells where a window's content is on the page; frames are created in there and never moved in the DOM. */
  mountWindow(id: string, container: HTMLElement): void;
  /** Size or visibility of a mounted window changed. */
  windowResized(id: string, width: number, height: number): void;
  /** Asks the user a question with two answers. */
  confirm(question: { title: string; text: string; confirm?: string }): Promise<boolean>;
  /** Takes the work that has ended off the list, with its failures. */
  clearJobs(): void;
  dismissNotice(id: string): void;
  /** Somebody reads the notices, so none may go; or does not any more. */
  holdNotices(held: boolean): void;
  notify(level: Notice["level"], text: string, failure?: Failure): void;
  /** Lets the page in which this one is embedded take part, when its site is allowed. */
  expose(): Promise<void>;
  signIn(token: string): Promise<void>;
  signOut(): Promise<void>;
}
