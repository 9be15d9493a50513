/** Builds the workbench: every room once, joined to the one object that the shell shows. */

import { followEngine } from "./follow-engine";
import type { PluginPermissions } from "./host/permissions";
import type { Notice, WindowSize, Workbench } from "./model";
import { toFailure } from "./plugins/failure";
import { readSamples } from "./plugins/repository";
import { computerFiles } from "./services/computer-files";
import { EngineFiles } from "./services/engine-files";
import { EngineEnvironments } from "./services/environments";
import { Forms } from "./services/forms";
import { saveWithBrowser } from "./services/saving";
import { Versions } from "./services/versions";
import { EngineWorkers } from "./services/workers";
import type { Undoable } from "./undoable";
import { PluginEditor } from "./workbench-editor";
import { FileActions } from "./workbench-files";
import { keepHistory, loseWithoutEngine, loseWork } from "./workbench-history";
import { makeHome } from "./workbench-home";
import { mistakesWith } from "./workbench-installer";
import { makeParts, type Parts, type WorkbenchOptions } from "./workbench-parts";
import { makePermissions, ownerOf } from "./workbench-permissions";
import { PluginActions } from "./workbench-plugins";
import { makeRoom, type Room } from "./workbench-room";
import { makeUndoable } from "./workbench-undo";
import type { WorkspaceHome } from "./workbench-workspaces";
import { openDatabase } from "./workspaces/database";
import type { Dialogs } from "./workspaces/dialogs";
import type { Notices } from "./workspaces/notices";
import { agreements } from "./workspaces/settings";

export type { WorkbenchOptions } from "./workbench-parts";

/** Builds a workbench; `start` brings it to life. */
export function createWorkbench(options: WorkbenchOptions = {}): Workbench {
  return new LocalWorkbench(options);
}

class LocalWorkbench implements Workbench {
  private readonly parts: Parts;
  private room: Room | null = null;
  private loaded: Promise<void> = Promise.resolve();
  private readonly need = (): Room => {
    if (this.room) return this.room;
    throw new Error("The workbench has not been started.");
  };
  private readonly folder = (): string => this.workspaces.current.get().folder || "default";

  private readonly pluginActions: PluginActions;
  private readonly fileActions: FileActions;
  private readonly undoable: Undoable;
  private readonly home: WorkspaceHome;
  private readonly forms: Forms;
  readonly versions: Versions;
  readonly workers: EngineWorkers;
  readonly environments: EngineEnvironments;
  readonly files: EngineFiles;
  readonly permissions: PluginPermissions;
  readonly editor: PluginEditor;

  constructor(private readonly options: WorkbenchOptions) {
    const parts = makeParts(options, (id) => ownerOf(id, this.room, this));
    this.parts = parts;
    const { need } = this;
    this.versions = new Versions(need, parts.entries);
    this.workers = new EngineWorkers(parts.connection);
    this.permissions = makePermissions(need, parts.dialogs);
    this.forms = new Forms({
      entries: parts.entries,
      undo: parts.undo,
      desk: () => this.room,
      changed: () => this.workspaces.changed(),
    });
    this.pluginActions = new PluginActions({ parts, room: need, undoable: () => this.undoable });
    this.undoable = this.makeUndoable();
    this.fileActions = new FileActions({
      parts,
      plugins: this.pluginActions,
      room: () => this.room,
      importWorkspace: async (file) => void (await this.workspaces.importFile(file)),
    });
    this.files = this.makeFiles();
    this.environments = this.makeEnvironments();
    this.editor = this.makeEditor();
    this.home = this.makeHome();
  }

  // ---- what is shown

  get plugins() {
    return this.parts.entries.store;
  }
  get items() {
    return this.parts.items.store;
  }
  get windows() {
    return this.parts.windows.store;
  }
  get activeWindow() {
    return this.parts.windows.active;
  }
  get layout() {
    return this.parts.windows.layout;
  }
  get dialogs() {
    return this.parts.dialogs.store;
  }
  get notices() {
    return this.parts.notices.store;
  }
  get jobs() {
    return this.parts.jobs.store;
  }
  get samples() {
    return this.parts.samples;
  }
  get status() {
    return this.parts.shownStatus;
  }
  get undo() {
    return this.parts.undo;
  }
  get repository() {
    return this.parts.library.entries;
  }
  get repositories() {
    return this.parts.library.repositories;
  }
  get workspaces() {
    return this.home.workspaces;
  }
  get engine() {
    return this.parts.connection.status;
  }

  // ---- what is done

  async start(): Promise<void> {
    const [database, { default: sdk }] = await Promise.all([
      this.options.database ?? openDatabase("imjoy"),
      import("virtual:imjoy-sdk"),
    ]);
    const { parts, pluginActions: plugins, environments, files, forms, permissions, folder } = this;
    const workspaces = () => this.home.workspaces;
    const needs = { parts, plugins, environments, files, forms, permissions, folder, workspaces };
    this.room = makeRoom(needs, database, sdk);
    this.followEngine(this.room);
    this.loaded = this.loadInstalled(this.room);
    await Promise.all([
      this.loaded.then(() => this.home.start(database, this.options.workspace ?? null)),
      this.readLists(),
      parts.connection.start(),
    ]);
    loseWithoutEngine(parts);
  }

  readonly openFiles: Workbench["openFiles"] = (files) => this.fileActions.openFiles(files);
  readonly openAddress: Workbench["openAddress"] = (from) => this.fileActions.openAddress(from);
  readonly openSample: Workbench["openSample"] = (id) => this.fileActions.openSample(id);
  readonly openView: Workbench["openView"] = (...view) => this.fileActions.openView(...view);
  readonly openImage: Workbench["openImage"] = (...image) => this.fileActions.openImage(...image);

  readonly installFromFile = (file: File) => this.pluginActions.installFromFile(file);
  readonly installFromUrl = (url: string) => this.pluginActions.installFromUrl(url);
  readonly installFromRepository = (name: string) => this.pluginActions.installFromRepository(name);
  readonly removePlugin = (id: string) => this.pluginActions.remove(id);
  readonly startPlugin = (id: string) => this.pluginActions.start(id);
  readonly inputOf: Workbench["inputOf"] = (...run) => this.pluginActions.inputOf(...run);
  readonly runPlugin: Workbench["runPlugin"] = (...run) => this.pluginActions.run(...run);
  readonly runOperator: Workbench["runOperator"] = (...run) =>
    this.pluginActions.runOperator(...run);
  readonly stopPlugin = (id: string) => this.pluginActions.stop(id);
  readonly showDocs = (id: string) => this.pluginActions.showDocs(id);
  readonly showLog = (id: string) => this.pluginActions.showLog(id);

  readonly setConfig: Workbench["setConfig"] = (...answer) => this.forms.set(...answer);
  readonly pressField: Workbench["pressField"] = (...field) => this.forms.press(...field);

  addRepository(address: string): Promise<void> {
    return this.parts.library.add(address);
  }

  removeRepository(address: string): void {
    this.parts.library.remove(address);
  }

  closeWindow(id: string): void {
    this.editor.flush();
    this.undoable.close(id);
  }

  readonly reopenWindow = (id: string): void => this.undoable.reopen(id);

  mountWindow(id: string, container: HTMLElement): void {
    this.parts.windows.mount(id, container);
  }

  resizeWindow(id: string, size: WindowSize): void {
    this.parts.windows.change(id, { size });
  }

  windowResized(id: string, width: number, height: number): void {
    this.parts.windows.resized(id, width, height);
  }

  confirm(question: Parameters<Dialogs["confirm"]>[0]): Promise<boolean> {
    return this.parts.dialogs.confirm(question);
  }

  clearJobs(): void {
    this.pluginActions.forgetEnded();
  }

  dismissNotice(id: string): void {
    this.parts.notices.dismiss(id);
  }

  holdNotices(held: boolean): void {
    this.parts.notices.hold(held);
  }

  notify(level: Notice["level"], text: string, failure?: Parameters<Notices["notify"]>[2]): void {
    this.parts.notices.notify(level, text, failure);
  }

  async expose(): Promise<void> {
    const { Embedding } = await import("./services/embedding");
    const { catalog, host, services } = this.need();
    const { peer, router, connection: engine } = this.parts;
    const { permissions } = this;
    const confirm = this.confirm.bind(this);
    const parts = { peer, router, engine, catalog, host, services, confirm, permissions };
    new Embedding(parts).listen();
  }

  signIn(token: string): Promise<void> {
    return this.parts.connection.signIn(token);
  }

  signOut(): Promise<void> {
    return this.parts.connection.signOut();
  }

  // ---- building

  private makeFiles(): EngineFiles {
    const { connection: engine, jobs, dialogs, base } = this.parts;
    const openFiles = this.openFiles;
    return new EngineFiles({ engine, jobs, dialogs, base, openFiles });
  }

  private makeEnvironments(): EngineEnvironments {
    const { connection: engine, jobs, actions } = this.parts;
    return new EngineEnvironments({
      engine,
      jobs,
      save: actions?.save ?? saveWithBrowser,
      find: (name) => this.need().catalog.byName(name),
      workspace: this.folder,
      agreed: (id) => agreements(this.need().settings).get(id),
    });
  }

  private makeEditor(): PluginEditor {
    const { base, windows, entries, notices, dialogs, undo, actions } = this.parts;
    return new PluginEditor({
      base,
      windows,
      entries,
      notices,
      dialogs,
      files: computerFiles(actions),
      engineFiles: () => this.files,
      undo,
      mistakesIn: mistakesWith(this.parts.connection),
      room: this.need,
    });
  }

  private makeUndoable(): Undoable {
    return makeUndoable({
      parts: this.parts,
      room: () => this.room,
      removeNow: (id) => this.pluginActions.removeNow(id),
      permissions: this.permissions,
    });
  }

  private makeHome(): WorkspaceHome {
    const { parts, forms, undoable } = this;
    return makeHome({
      parts,
      forms,
      undoable,
      room: () => this.room,
      workspaces: () => this.workspaces,
      install: (name, run) => this.pluginActions.install(name, run),
    });
  }

  private followEngine({ host }: Room): void {
    followEngine({
      engine: this.parts.connection,
      library: this.parts.library,
      host,
      takenUp: () => loseWork(this.parts),
      ready: () => this.loaded.then(() => this.need()),
      develop: ({ name, text }) =>
        this.pluginActions.install(name, (installer) => installer.fromDevelopment(text, name)),
    });
  }

  private async loadInstalled(room: Room): Promise<void> {
    await keepHistory(this.parts, room.settings);
    const installed = await room.catalog.load(({ code }, error) => {
      const name = /"name"\s*:\s*"([^"]*)"/.exec(code)?.[1] ?? "a plugin";
      this.parts.notices.fail(toFailure(error, `Loading ${name}, which was installed before`));
    });
    for (const plugin of installed) {
      this.parts.entries.set(plugin, await room.settings.all(plugin.id, "form"));
      await this.forms.load(plugin.id);
      await room.operators.load(plugin.id);
    }
    if (!room.database.lasting) {
      this.parts.notices.notify(
        "info",
        "This browser keeps nothing for this page: workspaces, images and plugins are gone when you close it. Export a workspace to keep it.",
      );
    }
  }

  private async readLists(): Promise<void> {
    const { base, library } = this.parts;
    const [samples] = await Promise.all([readSamples(base), library.read()]);
    this.samples.set(samples);
  }
}
