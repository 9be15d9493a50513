/** Gives the workbench its editor: plugin files that are opened, kept, saved, run and shared. */
import type { Entries } from "./host/entries";
import type {
  EditorActions,
  EditorContent,
  PluginSource,
  PluginTemplate,
  TextProblem,
} from "./model";
import type { Catalog, Installed } from "./plugins/catalog";
import { isCancelled, toFailure } from "./plugins/failure";
import { fileOfOrigin } from "./plugins/file-name";
import type { Installer } from "./plugins/installer";
import { hasWindow } from "./plugins/manifest";
import { problemsIn } from "./plugins/problems";
import { sha256 } from "./plugins/sha256";
import { carriesFile, fileFrom, linkFor } from "./plugins/share";
import type { ComputerFiles } from "./services/computer-files";
import type { EngineFiles } from "./services/engine-files";
import type { PluginWindows } from "./services/plugin-windows";
import type { PluginRunner } from "./services/runner";
import type { Dialogs } from "./workspaces/dialogs";
import type { Notices } from "./workspaces/notices";
import type { UndoStack } from "./workspaces/undo";
import type { Windows } from "./workspaces/windows";

export interface EditorParts {
  base: URL;
  windows: Windows;
  entries: Entries;
  notices: Notices;
  dialogs: Pick<Dialogs, "confirm" | "files">;
  files: ComputerFiles;
  engineFiles(): Pick<EngineFiles, "read" | "uploadOne">;
  undo: UndoStack;
  /** Mistakes in the scripts of a plugin. */
  mistakesIn(source: PluginSource): Promise<TextProblem[]>;
  /** What exists once the database is open. */
  room(): EditorRoom;
}

interface EditorRoom {
  catalog: Catalog;
  installer: Installer;
  runner: PluginRunner;
  pluginWindows: PluginWindows;
}

/** Milliseconds after which what was typed goes to the window, from where the workspace keeps it. */
const WAIT = 300;

export class PluginEditor implements EditorActions {
  /** What was typed and is not in its window yet. */
  private readonly typed = new Map<string, string>();
  private readonly handles = new Map<string, FileSystemFileHandle>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly parts: EditorParts) {
    if (typeof window === "undefined") return;
    // Before the workspace keeps what it has.
    const leave = (): void => {
      if (document.visibilityState === "hidden") this.flush();
    };
    window.addEventListener("visibilitychange", leave, { capture: true });
  }

  async templates(): Promise<PluginTemplate[]> {
    const { TEMPLATES } = await import("./plugins/templates");
    return TEMPLATES.map(({ id, description, ending }) => ({ id, description, ending }));
  }

  async create(template: string, name: string): Promise<string> {
    const { newPlugin, TEMPLATES } = await import("./plugins/templates");
    const chosen = TEMPLATES.find(({ id }) => id === template);
    if (!chosen) throw new Error(`There is no template "${template}".`);
    return this.open({ ...newPlugin(chosen, name), plugin: null, saved: null });
  }

  edit(plugin: string): string {
    const installed = this.parts.room().catalog.get(plugin);
    if (!installed) throw new Error("The plugin is not installed any more.");
    const { source } = installed;
    const { name } = source.manifest;
    const open = this.parts.windows.store
      .get()
      .find(({ content }) => content.kind === "editor" && content.plugin === name);
    if (open) {
      this.parts.windows.active.set(open.id);
      return open.id;
    }
    const file = fileOfOrigin(source.origin, name);
    return this.open({ file, text: source.code, plugin: name, saved: source.hash });
  }

  type(id: string, text: string): void {
    this.typed.set(id, text);
    this.timer ??= setTimeout(() => this.flush(), WAIT);
  }

  /** Puts what was typed into the windows. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const typed = [...this.typed];
    this.typed.clear();
    for (const [id, text] of typed) {
      const content = this.contentOf(id);
      if (content && content.text !== text) this.change(id, { text });
    }
  }

  isSaved(content: EditorContent): boolean {
    const { text, saved, file } = content;
    const installed = this.pluginOf(content)?.source;
    // What a module was made of is not in what is installed.
    if (/\.(py|m?js)$/i.test(file)) return installed !== undefined && sha256(text) === saved;
    return installed?.hash === sha256(text);
  }

  problems(text: string, file: string): Promise<TextProblem[]> {
    return problemsIn(text, file, this.parts.mistakesIn);
  }

  async save(id: string): Promise<boolean> {
    const content = this.now(id);
    const { catalog, installer, runner } = this.parts.room();
    const before = content.plugin === null ? undefined : catalog.byName(content.plugin);
    const ran = before && this.parts.entries.get(before.id)?.state;
    try {
      const { text, file } = content;
      const saved = await installer.fromDevelopment(text, file, content.plugin);
      const plugin = saved === null ? undefined : catalog.get(saved);
      if (!plugin) return false;
      const { manifest } = plugin.source;
      this.change(id, { plugin: manifest.name, saved: sha256(text) });
      if (before) this.noteReplaced(before, plugin);
      const restart = ran === "ready" || ran === "running" || ran === "starting";
      if (restart && !hasWindow(manifest)) await runner.start(plugin);
      return true;
    } catch (error) {
      this.fail(error, `Saving ${content.file}`);
      return false;
    }
  }

  async run(id: string): Promise<void> {
    const changed = !this.isSaved(this.now(id));
    if (changed && !(await this.save(id))) return;
    const plugin = this.pluginOf(this.now(id));
    if (!plugin) return;
    const { runner, pluginWindows } = this.parts.room();
    const open = pluginWindows.list().some((window) => window.plugin.id === plugin.id);
    if (!hasWindow(plugin.source.manifest) || !open) await runner.run(plugin);
    // Saving has loaded its windows anew already.
    else if (!changed) await pluginWindows.reload(plugin);
  }

  installed(content: EditorContent): string | null {
    return this.pluginOf(content)?.source.code ?? null;
  }

  async openFile(): Promise<void> {
    try {
      const opened = await this.parts.files.open();
      if (!opened) return;
      const { name: file, text, handle } = opened;
      const id = this.open({ file, text: plainLines(text), plugin: null, saved: null });
      if (handle) this.handles.set(id, handle);
    } catch (error) {
      this.fail(error, "Opening a file in the editor");
    }
  }

  async openEngineFile(): Promise<void> {
    try {
      const chosen = await this.chooseOnEngine("Open a plugin file of the engine", false);
      if (!chosen) return;
      const file = await this.parts.engineFiles().read(chosen);
      const text = plainLines(await file.text());
      this.open({ file: file.name, text, plugin: null, saved: null, path: chosen });
    } catch (error) {
      this.fail(error, "Opening a file in the editor");
    }
  }

  async saveToEngine(id: string): Promise<void> {
    const { file } = this.now(id);
    try {
      const folder = await this.chooseOnEngine("Choose a folder of the engine", true);
      if (folder) await this.writeToEngine(id, `${folder}/${file}`, false);
    } catch (error) {
      this.fail(error, `Writing ${file}`);
    }
  }

  async saveFile(id: string): Promise<void> {
    const { file, text, path } = this.now(id);
    try {
      if (path !== undefined) return await this.writeToEngine(id, path, true);
      const handle = await this.parts.files.save(file, text, this.handles.get(id) ?? null);
      if (!handle) return;
      this.handles.set(id, handle);
      this.change(id, { file: handle.name });
      this.parts.windows.change(id, { title: handle.name });
      this.parts.notices.notify("success", `${handle.name} is written.`);
    } catch (error) {
      this.fail(error, `Writing ${file}`);
    }
  }

  /** The path of what the user chooses on the engine; null when nothing. */
  private async chooseOnEngine(title: string, folder: boolean): Promise<string | null> {
    const text = folder ? "The plugin file is written there." : "It opens in the editor.";
    const question = { folder, multiple: false, root: null };
    const answer = await this.parts.dialogs.files({ title, text, question });
    if (answer?.from === "engine") return answer.entries[0]?.path ?? null;
    for (const file of answer?.files ?? []) {
      const content = { file: file.name, text: plainLines(await file.text()) };
      this.open({ ...content, plugin: null, saved: null });
    }
    return null;
  }

  private async writeToEngine(id: string, path: string, known: boolean): Promise<void> {
    const text = new Blob([this.now(id).text], { type: "text/plain" });
    if (!(await this.parts.engineFiles().uploadOne(path, text, known))) return;
    this.change(id, { path });
    this.parts.notices.notify("success", `${path} is written.`);
  }

  link(id: string): Promise<string> {
    const { file, text } = this.now(id);
    return linkFor({ file, text }, this.parts.base);
  }

  async openLink(address: string): Promise<boolean> {
    if (!carriesFile(address)) return false;
    try {
      const { file, text } = await fileFrom(address);
      const lines = text.split("\n").length;
      const yes = await this.parts.dialogs.confirm({
        title: "Open the plugin file from this link?",
        text: `The link carries ${file}, ${lines} lines. It opens in the editor, where you can read it; nothing of it runs before you run it, and then you are asked once more.`,
        confirm: "Open",
      });
      if (yes) this.open({ file, text: plainLines(text), plugin: null, saved: null });
    } catch (error) {
      this.fail(error, "Opening a shared plugin");
    }
    return true;
  }

  /** Lets the version that came from elsewhere be had again. */
  private noteReplaced(before: Installed, now: Installed): void {
    if (before.source.origin === now.source.origin || before.id !== now.id) return;
    const put = async ({ source: { code, origin, tag } }: Installed): Promise<void> => {
      await this.parts.room().installer.goBack(code, origin, tag);
    };
    this.parts.undo.push({
      label: `Replace ${now.source.manifest.name}`,
      undo: () => put(before),
      redo: () => put(now),
    });
  }

  private open(content: Omit<EditorContent, "kind">): string {
    const title = content.file;
    return this.parts.windows.open({ title, content: { kind: "editor", ...content } }).id;
  }

  /** The content of a window with what was typed last. */
  private now(id: string): EditorContent {
    this.flush();
    const content = this.contentOf(id);
    if (!content) throw new Error("This window of the editor is not open any more.");
    return content;
  }

  private contentOf(id: string): EditorContent | null {
    const content = this.parts.windows.get(id)?.content;
    return content?.kind === "editor" ? content : null;
  }

  private change(id: string, change: Partial<EditorContent>): void {
    const content = this.contentOf(id);
    if (content) this.parts.windows.change(id, { content: { ...content, ...change } });
  }

  private pluginOf({ plugin }: EditorContent): Installed | undefined {
    return plugin === null ? undefined : this.parts.room().catalog.byName(plugin);
  }

  private fail(error: unknown, step: string): void {
    if (!isCancelled(error)) this.parts.notices.fail(toFailure(error, step));
  }
}

function plainLines(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}
