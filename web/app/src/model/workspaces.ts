/** What a workspace is to the page: what is kept of it, and where. */
import type { Readable } from "./store";
import type { WindowContent } from "./windows";

export type WorkspacePlace = "browser" | "engine" | "temporary";

export interface SavedPlugin {
  name: string;
  version: string;
  hash: string;
  tag: string | null;
  origin: string;
}

export interface SavedItem {
  id: string;
  name: string;
  origin: string;
  /** Name of its bytes in the store; null when they are not kept. */
  blob: string | null;
  bytes: number;
}

/** A window of a plugin names it, since ids differ from browser to browser. */
export interface SavedFrame {
  kind: "plugin";
  name: string;
  /** The image that it shows, when it is one of the workspace. */
  item: string | null;
  data?: unknown;
  /** What it showed could not be kept. */
  lost?: boolean;
}

export interface SavedWindow {
  id: string;
  title: string;
  content: WindowContent | SavedFrame;
}

/** Everything that a workspace brings back; JSON, so that it travels as a file. */
export interface WorkspaceContent {
  version: 1;
  windows: SavedWindow[];
  layout: unknown;
  active: string | null;
  items: SavedItem[];
  /** Answers of forms by the name of the plugin. */
  forms: Record<string, Record<string, unknown>>;
  plugins: SavedPlugin[];
}

export interface WorkspaceSummary {
  id: string;
  name: string;
  /** The folder of its files, when that is not its name because it was renamed. */
  folder?: string;
  place: WorkspacePlace;
  createdAt: number;
  changedAt: number;
  /** Counts up with every save; who saves on top of another revision is refused. */
  revision: number;
  /** A small picture of it, as a data address. */
  picture: string | null;
  /** When it was deleted; it can be brought back for a while. */
  deletedAt: number | null;
}

export interface WorkspaceRecord extends WorkspaceSummary {
  content: WorkspaceContent;
}

export interface CurrentWorkspace {
  id: string;
  name: string;
  /** The folder of its files on an engine. */
  folder: string;
  place: WorkspacePlace;
  /** False of what is gone with the page: a temporary one, or one in a browser that keeps nothing. */
  lasting: boolean;
  saved: "saved" | "saving" | "changed" | "failed";
}

export interface UndoState {
  undo: string | null;
  redo: string | null;
}

/** An earlier state of a workspace. */
export interface WorkspaceRevision {
  revision: number;
  changedAt: number;
  windows: string[];
}

/** What can be done with workspaces. */
export interface WorkspaceActions {
  readonly list: Readable<WorkspaceSummary[]>;
  readonly current: Readable<CurrentWorkspace>;
  refresh(): Promise<void>;
  find(name: string): WorkspaceSummary | undefined;
  create(name: string, place: WorkspacePlace, content?: WorkspaceContent): Promise<void>;
  open(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  restore(id: string): Promise<void>;
  copy(name: string, place: WorkspacePlace): Promise<void>;
  history(): Promise<WorkspaceRevision[]>;
  revert(revision: number): Promise<void>;
  exportFile(data: boolean): Promise<File>;
  importFile(file: Blob): Promise<void>;
  flush(): Promise<void>;
}

export interface UndoActions {
  readonly state: Readable<UndoState>;
  undo(): Promise<void>;
  redo(): Promise<void>;
}
