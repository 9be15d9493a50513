/** Plugin files that are written in the page. */

/** What a window of the editor holds; it is kept with the workspace, so that nothing typed is lost. */
export interface EditorContent {
  kind: "editor";
  /** Name of the file; its ending tells what it is. */
  file: string;
  text: string;
  /** Name of the installed plugin that it was opened from or saved as. */
  plugin: string | null;
  /** SHA-256 of the text when it was last saved or opened from what is installed. */
  saved: string | null;
  /** Where it lies on the engine's machine, when it was opened from there or written there. */
  path?: string;
}

/** What is wrong with the text of a plugin file, at its place, from 1. */
export interface TextProblem {
  line: number;
  column: number | null;
  severity: "error" | "warning";
  cause: string;
  remedy: string;
}

/** A kind of plugin to begin with. */
export interface PluginTemplate {
  id: string;
  /** What it makes, in one sentence. */
  description: string;
  /** Ending of its file. */
  ending: string;
}

/** What can be done with plugin files in the page. Windows are named by their id. */
export interface EditorActions {
  templates(): Promise<PluginTemplate[]>;
  /** Opens a new plugin made from a template. @returns the window */
  create(template: string, name: string): Promise<string>;
  /** Opens the file of an installed plugin, or the window that has it already. */
  edit(plugin: string): string;
  /** Keeps what was typed. */
  type(window: string, text: string): void;
  isSaved(content: EditorContent): boolean;
  /** What is wrong with a text, before it is saved. */
  problems(text: string, file: string): Promise<TextProblem[]>;
  /**
   * Installs the plugin in place of the version before; its windows stay, and it is started again when
   * it was running. The user is asked the first time. @returns whether it is saved now
   */
  save(window: string): Promise<boolean>;
  /** Saves it when needed and runs it. */
  run(window: string): Promise<void>;
  /** The text to compare with: that of the installed version; null when there is none. */
  installed(content: EditorContent): string | null;
  /** Lets the user choose a plugin file of this computer and opens it. */
  openFile(): Promise<void>;
  /** Lets the user choose a plugin file of the engine's machine and opens it. */
  openEngineFile(): Promise<void>;
  /** Writes the file where it came from, or where the user says. */
  saveFile(window: string): Promise<void>;
  /** Writes the file into a folder of the engine's machine, from where on it belongs there. */
  saveToEngine(window: string): Promise<void>;
  /** A link that opens the file on a page like this one. */
  link(window: string): Promise<string>;
  /** Opens the file that a link carries, after asking. @returns whether it carries one */
  openLink(address: string): Promise<boolean>;
}
