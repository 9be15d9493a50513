/** Files of the engine's machine, as far as it opens them to the page. */

export interface FileEntry {
  name: string;
  /** Where it is on the engine's machine. */
  path: string;
  type: "file" | "folder";
  /** In bytes; 0 for a folder. */
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
}

export interface FileListing {
  path: string;
  /** The folder around it; null for one of the open folders. */
  parent: string | null;
  entries: FileEntry[];
  /** There are more than can be listed. */
  more: boolean;
}

export interface FilePlace {
  name: string;
  path: string;
}

/** What the shell does with files of the engine; long work is a job. */
export interface EngineFileActions {
  /** The folder that was open last, where browsing begins. */
  lastFolder: string | null;
  places(): Promise<FilePlace[]>;
  list(path: string): Promise<FileListing>;
  /** What has the text in its name, in all folders below. */
  find(path: string, text: string): Promise<FileListing>;
  makeFolder(path: string): Promise<FileEntry>;
  /** Sends files into a folder; asks before one is replaced. Resolves when all are there. */
  upload(folder: string, files: File[]): Promise<void>;
  /** Opens files in the workspace, as if they had been dropped there. */
  open(paths: string[]): Promise<void>;
}

export interface FileQuestion {
  /** Folders are chosen, not files. */
  folder: boolean;
  multiple: boolean;
  /** Where to begin. */
  root: string | null;
}

/** What a person chose: files of the engine, or of their own computer. */
export type FileAnswer =
  | { from: "engine"; entries: FileEntry[] }
  | { from: "browser"; files: File[] };
