/** Builds the workbench: every room once, joined to the one object that the shell shows. */

import { Peer, Router } from "@imjoy/rpc";
import { EngineConnection } from "./engines/connection";
import { keepOverReload, takeIdentity } from "./engines/identity";
import { followEngine } from "./follow-engine";
import { Entries } from "./host/entries";
import { hiddenContainer } from "./host/hidden-container";
import { PluginHost } from "./host/host";
import { Libraries } from "./host/libraries";
import type { PluginPermissions } from "./host/permissions";
import { PythonFiles } from "./host/python-files";
import {
  type ImageData_,
  type Notice,
  type Sample,
  Store,
  type Workbench,
  type WorkspaceContent,
} from "./model";
import { Catalog } from "./plugins/catalog";
import { isCancelled, toFailure } from "./plugins/failure";
import { Installer } from "./plugins/installer";
import { Library } from "./plugins/library";
import { carriedOver, defaultPermissions } from "./plugins/permissions";
import { readSamples } from "./plugins/repository";
import { allServices, type BrowserActions, exportServices } from "./services";
import { computerFiles } from "./services/computer-files";
import type { Desk } from "./services/desk";
import { Embedding } from "./services/embedding";
import { EngineFiles } from "./services/engine-files";
import { EngineEnvironments } from "./services/environments";
import { Forms } from "./services/forms";
import { chooseOpener } from "./services/loaders";
import { installMissing } from "./services/missing-plugins";
import { ImageOpener } from "./services/opener";
import { Operators } from "./services/operators";
import { PluginWindows } from "./services/plugin-windows";
import { Registry } from "./services/registry";
import { PluginRunner } from "./services/runner";
import { saveWithBrowser } from "./services/saving";
import { Versions } from "./services/versions";
import { EngineWorkers } from "./services/workers";
import { Undoable } from "./undoable";
import { PluginEditor } from "./workbench-editor";
import { makePermissions, ownerOf } from "./workbench-permissions";
import type { Room } from "./workbench-room";
import { makeWorkspaces, type WorkspaceHome } from "./workbench-workspaces";
import type { Blobs } from "./workspaces/blobs";
import { type Database, openDatabase } from "./workspaces/database";
import { Dialogs } from "./workspaces/dialogs";
import type { ImageReaders } from "./workspaces/image-value";
import { Items } from "./workspaces/items";
import { Jobs } from "./workspaces/jobs";
import { Notices } from "./workspaces/notices";
import { imageReaders } from "./workspaces/readers";
import { agreements, Settings } from "./workspaces/settings";
import { Snapshots } from "./workspaces/snapshot";
import { UndoStack } from "./workspaces/undo";
import { Windows } from "./workspaces/windows";

export interface WorkbenchOptions {
  /** Address of the app; everything it needs lies below. */
  base?: URL;
  /** What is kept between visits. */
  database?: Database;
  readers?: ImageReaders;
  /** What is done with the browser itself: choosing and saving files, opening tabs. */
  actions?: BrowserActions;
  /** Name of the workspace to open; the one that was open last when there is none. */
  workspace?: string | null;
}

/** Builds a workbench; `start` brings it to life. */
export function createWorkbench(options: WorkbenchOptions = {}): Workbench {
  return new LocalWorkbench(options);
}

class LocalWorkbench implements Workbench {
  readonly library: Library;
  readonly samples = new Store<Sample[]>([]);
  readonly undo = new UndoStack();
  readonly status = new Store<{ text: string; progress: number | null }>({
    text: "",
    progress: null,
  });

  readonly workers: EngineWorkers;
  private readonly entries = new Entries();
  readonly versions = new Versions(() => this.need(), this.entries);

  private readonly base: URL;
  private readonly notices_ = new Notices();
  private readonly dialogs_ = new Dialogs((id) => ownerOf(id, this.room, this));
  private readonly windows_ = new Windows();
  private readonly jobs_ = new Jobs();
  private readonly items_ = new Items();
  readonly plugins = this.entries.store;
  readonly items = this.items_.store;
  readonly windows = this.windows_.store;
  readonly activeWindow = this.windows_.active;
  readonly layout = this.windows_.layout;
  readonly dialogs = this.dialogs_.store;
  readonly notices = this.notices_.store;
  readonly jobs = this.jobs_.store;
  private readonly connection: EngineConnection;
  private readonly peer: Peer;
  private readonly router: Router;
  private readonly readers: ImageReaders;
  private readonly opener: ImageOpener;
  readonly environments: EngineEnvironments;
  readonly files: EngineFiles;
  private readonly forms: Forms;
  readonly permissions: PluginPermissions;
  readonly editor: PluginEditor;
  private readonly undoable: Undoable;
  private readonly home: WorkspaceHome;
  private room: Room | null = null;
  private loaded: Promise<void> = Promise.resolve();

  constructor(private readonly options: WorkbenchOptions) {
    this.base = options.base ?? new URL(".", document.baseURI);
    this.library = new Library(this.base);
    this.readers =
      options.readers ?? imageReaders(async (file) => (await import("./data")).readImage(file));
    this.opener = new ImageOpener({
      items: this.items_,
      windows: this.windows_,
      jobs: this.jobs_,
      readers: this.readers,
      fail: (failure) => this.notices_.fail(failure),
    });
    this.editor = new PluginEditor({
      base: this.base,
      windows: this.windows_,
      entries: this.entries,
      notices: this.notices_,
      dialogs: this.dialogs_,
      files: computerFiles(options.actions),
      engineFiles: () => this.files,
      undo: this.undo,
      workspace: () => this.workspaces.current.get(),
      room: () => this.need(),
    });
    const identity = takeIdentity();
    keepOverReload(identity);
    const { address } = identity;
    this.forms = new Forms({
      entries: this.entries,
      undo: this.undo,
      desk: () => this.room,
      changed: () => this.workspaces.changed(),
    });
    this.permissions = makePermissions(() => this.need(), this.dialogs_);
    this.undoable = this.makeUndoable();
    this.router = new Router(address);
    this.peer = new Peer({ address, send: (frame, transfer) => this.router.send(frame, transfer) });
    this.router.local = this.peer;
    this.connection = new EngineConnection({
      peer: this.peer,
      router: this.router,
      base: this.base,
      identity,
    });
    this.home = this.makeHome();
    this.workers = new EngineWorkers(this.connection);
    this.files = new EngineFiles({
      engine: this.connection,
      jobs: this.jobs_,
      dialogs: this.dialogs_,
      base: this.base,
      openFiles: (files) => this.openFiles(files),
    });
    this.environments = new EngineEnvironments({
      engine: this.connection,
      jobs: this.jobs_,
      save: options.actions?.save ?? saveWithBrowser,
      find: (name) => this.need().catalog.byName(name),
      workspace: this.folder,
      agreed: (id) => agreements(this.need().settings).get(id),
    });
  }

  private readonly folder = (): string => this.workspaces.current.get().folder || "default";

  get repository() {
    return this.library.entries;
  }
  get repositories() {
    return this.library.repositories;
  }
  get workspaces() {
    return this.home.workspaces;
  }
  get engine() {
    return this.connection.status;
  }

  async start(): Promise<void> {
    const [database, { default: sdk }] = await Promise.all([
      this.options.database ?? openDatabase("imjoy"),
      import("virtual:imjoy-sdk"),
    ]);
    this.room = this.makeRoom(database, sdk);
    this.loaded = this.loadInstalled(this.room);
    await Promise.all([
      this.loaded.then(() => this.home.start(database, this.options.workspace ?? null)),
      this.readLists(),
      this.connection.start(),
    ]);
    this.editor.restore();
  }

  async openFiles(files: File[]): Promise<void> {
    for (const file of files) await this.openFile(file, file.name);
  }

  private async openFile(file: File, origin: string): Promise<void> {
    if (/\.(imjoy\.html?|py|m?js)$/i.test(file.name)) await this.installFromFile(file);
    else if (/\.imjoy\.zip$/i.test(file.name)) await this.openWorkspaceFile(file);
    else await this.openWith(file, origin);
  }

  private async openWith(file: File, origin: string): Promise<void> {
    const opener = this.room ? await chooseOpener(this.room, file) : "viewer";
    if (opener === "viewer") await this.opener.openFile(file, origin);
    else if (opener?.op !== undefined) await this.runOperator(opener.plugin.id, opener.op, file);
    else if (opener !== null) await this.need().runner.runWith(opener.plugin, file);
  }

  private async openWorkspaceFile(file: File): Promise<void> {
    try {
      await this.workspaces.importFile(file);
    } catch (error) {
      this.notices_.fail(toFailure(error, `Opening the workspace in ${file.name}`));
    }
  }

  openAddress(address: string): Promise<void> {
    return this.opener.download(address, (file) => this.openFile(file, address));
  }

  async openSample(id: string): Promise<void> {
    const sample = this.samples.get().find((entry) => entry.id === id);
    if (!sample) return;
    await this.opener.openUrl(new URL(sample.path, this.base).href, sample.name, "sample");
  }

  openImage(name: string, image: ImageData_, origin: string, beside?: string): string {
    return this.opener.show(name, image, origin, beside);
  }

  installFromFile(file: File): Promise<string | null> {
    return this.install(file.name, ({ installer }) => installer.fromFile(file));
  }

  installFromUrl(url: string): Promise<string | null> {
    return this.install(url, ({ installer }) => installer.fromSource(url, null));
  }

  installFromRepository(name: string): Promise<string | null> {
    const entry = this.repository.get().find((known) => known.name === name);
    return this.install(name, ({ installer }) =>
      entry ? installer.fromRepository(entry) : installer.fromSource(name, null),
    );
  }

  addRepository(address: string): Promise<void> {
    return this.library.add(address);
  }

  removeRepository(address: string): void {
    this.library.remove(address);
  }

  async removePlugin(id: string): Promise<void> {
    const plugin = this.need().catalog.get(id);
    if (plugin) await this.undoable.remove(plugin, this.entries.get(id)?.config ?? {});
  }

  private async removeNow(id: string): Promise<void> {
    const { catalog, host, operators, pluginWindows, registry, settings } = this.need();
    pluginWindows.closeAll(id);
    await host.stop(id);
    registry.remove(({ owner }) => owner === id);
    await operators.forget(id);
    await catalog.remove(id);
    await settings.forget(id);
    this.entries.remove(id);
  }

  async startPlugin(id: string): Promise<void> {
    const { catalog, runner } = this.need();
    const plugin = catalog.get(id);
    if (plugin) await runner.start(plugin);
  }

  async runPlugin(id: string, given?: Parameters<Workbench["runPlugin"]>[1]): Promise<void> {
    const { catalog, runner } = this.need();
    const plugin = catalog.get(id);
    if (plugin && given) await runner.runWith(plugin, given.data, undefined, given.config);
    else if (plugin) await runner.run(plugin);
  }

  async runOperator(id: string, op: string, data?: unknown): Promise<void> {
    const { catalog, runner } = this.need();
    const plugin = catalog.get(id);
    const operator = this.entries.opOf(id, op);
    if (plugin && operator) await runner.runOperator(plugin, operator, data);
  }

  async stopPlugin(id: string): Promise<void> {
    this.dialogs_.closeAll(id);
    const { host, pluginWindows, registry } = this.need();
    pluginWindows.closeAll(id);
    registry.remove(({ owner }) => owner === id);
    await host.stop(id);
  }

  readonly setConfig: Workbench["setConfig"] = (...answer) => this.forms.set(...answer);

  readonly pressField: Workbench["pressField"] = (...field) => this.forms.press(...field);

  showDocs(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    const { manifest, docs } = entry.source;
    const source = docs || manifest.description || "This plugin has no documentation.";
    this.showOnce(`About ${manifest.name}`, { kind: "markdown", source });
  }

  showLog(id: string): void {
    const entry = this.entries.get(id);
    if (entry) this.showOnce(`Log of ${entry.source.manifest.name}`, { kind: "log", plugin: id });
  }

  closeWindow(id: string): void {
    this.editor.flush();
    this.undoable.close(id);
  }

  readonly reopenWindow = (id: string): void => this.undoable.reopen(id);

  mountWindow(id: string, container: HTMLElement): void {
    this.windows_.mount(id, container);
  }

  windowResized(id: string, width: number, height: number): void {
    this.windows_.resized(id, width, height);
  }

  confirm(question: Parameters<Dialogs["confirm"]>[0]): Promise<boolean> {
    return this.dialogs_.confirm(question);
  }

  dismissNotice(id: string): void {
    this.notices_.dismiss(id);
  }

  notify(level: Notice["level"], text: string, failure?: Parameters<Notices["notify"]>[2]): void {
    this.notices_.notify(level, text, failure);
  }

  expose(): void {
    const { catalog, host } = this.need();
    const { peer, router, permissions, connection: engine } = this;
    const confirm = this.confirm.bind(this);
    new Embedding({ peer, router, engine, catalog, host, confirm, permissions }).listen();
  }

  signIn(token: string): Promise<void> {
    return this.connection.signIn(token);
  }

  signOut(): Promise<void> {
    return this.connection.signOut();
  }

  // ---- building

  private makeUndoable(): Undoable {
    return new Undoable({
      undo: this.undo,
      windows: this.windows_,
      items: this.items_,
      opener: this.opener,
      pluginWindows: () => this.room?.pluginWindows,
      plugin: (id) => this.room?.catalog.get(id),
      removeNow: (id) => this.removeNow(id),
      reinstall: async (plugin, form) => {
        const { catalog, settings } = this.need();
        const installed = await catalog.install(plugin.source, plugin.id);
        for (const [name, value] of Object.entries(form)) {
          await settings.set(installed.id, "form", name, value);
        }
        this.entries.set(installed, form);
        const permissions = this.permissions.known.get()[plugin.id];
        if (permissions) await this.permissions.keep(installed, permissions);
      },
    });
  }

  private makeHome(): WorkspaceHome {
    const snapshots = new Snapshots({
      windows: this.windows_,
      items: this.items_,
      plugins: () => this.room?.catalog.list() ?? [],
      formOf: (id) => this.entries.get(id)?.config ?? {},
      operatorForms: (id) => this.forms.ofOperators(id),
      setForm: (id, values, op) => this.forms.restore(id, values, op),
      showItem: (window, item) => void this.opener.showItem(window, item),
      openPlugin: (plugin, window, data) => this.undoable.openPlugin(plugin, window, data),
      dataOf: (window) => this.room?.pluginWindows.dataOf(window),
    });
    const { windows_: windows, items_: items, notices_: notices, connection: engine, undo } = this;
    const needPlugins = async (content: WorkspaceContent, blobs: Blobs): Promise<void> => {
      const install = (name: string, run: (installer: Installer) => Promise<string | null>) =>
        this.install(name, ({ installer }) => run(installer));
      const { catalog, dialogs } = this.need();
      if (!(await installMissing({ catalog, dialogs, install }, content, blobs))) return;
      const { id } = this.workspaces.current.get();
      if (id) await this.workspaces.open(id);
    };
    return makeWorkspaces({ snapshots, undo, windows, items, notices, engine, needPlugins });
  }

  private makeRoom(database: Database, sdk: string): Room {
    const { peer, router, connection, entries } = this;
    const catalog = new Catalog(database.table("plugins"), database.table("versions"));
    const libraries = new Libraries({
      base: this.base,
      askEngine: (path) => connection.ask(path),
      engine: () => connection.address,
    });
    const python = new PythonFiles(this.base, (...asked) =>
      connection.ifConnected("files.wheel", asked),
    );
    const engine = connection;
    const services = allServices(this.options.actions);
    const settings = new Settings(database);
    const house = {
      base: this.base,
      services: () => Object.keys(services),
      peer,
      router,
      engine,
      libraries,
      python,
      sdk,
      hidden: hiddenContainer,
      workspace: this.folder,
      permissions: this.permissions,
      storage: async (id: string) => (await settings.all(id, "storage")) as Record<string, string>,
      agreements: agreements(settings),
      confirm: (question: Parameters<Dialogs["confirm"]>[0]) => this.dialogs_.confirm(question),
    };
    const host = new PluginHost(house, catalog, entries, this.jobs_);
    const { forms } = this;
    const registry = new Registry();
    const operators = new Operators({ registry, entries, forms, settings });
    const pluginWindows = new PluginWindows({
      host,
      windows: this.windows_,
      dialogs: this.dialogs_,
      jobs: this.jobs_,
      remote: (address, method) => peer.remote(address, method),
      configOf: (id) => forms.answers(id),
      onState: (id, state) => entries.change(id, { state, failure: null }),
      onFailure: (id, failure) => entries.fail(id, failure),
    });
    const desk: Desk = {
      peer,
      host,
      catalog,
      pluginWindows,
      forms,
      operators,
      windows: this.windows_,
      dialogs: this.dialogs_,
      notices: this.notices_,
      jobs: this.jobs_,
      items: this.items_,
      settings,
      files: this.files,
      registry,
      permissions: this.permissions,
      views: new Map(),
      readers: this.readers,
      status: this.status,
      setProgress: (id, progress) => entries.change(id, { progress }),
      openImage: (name, image, origin, beside) => this.openImage(name, image, origin, beside),
      install: (source, tag, parent) => installer.fromSource(source, tag, parent),
      remove: (id) => this.removePlugin(id),
      fail: (failure) => this.notices_.fail(failure),
    };
    const installer = this.makeInstaller(desk);
    exportServices(peer, desk, services);
    followEngine({
      engine: this.connection,
      host,
      ready: async () => {
        await this.loaded;
        return this.need();
      },
      develop: ({ name, text }) =>
        this.install(name, ({ installer }) => installer.fromDevelopment(text, name)),
    });
    return { ...desk, installer, database, runner: new PluginRunner(desk, entries) };
  }

  private makeInstaller({ catalog, host, operators, pluginWindows, settings }: Desk): Installer {
    return new Installer({
      catalog,
      base: this.base,
      repository: () => this.repository.get().filter(({ repository }) => repository === ""),
      hasEngine: () => this.connection.address !== null,
      preview: (source) => this.environments.preview(source),
      fromPythonModule: async (text, name) =>
        String(await this.connection.call("engine.module", [text, name])),
      log: (id, text) => this.entries.log(id, "info", text),
      mirrored: (address) => this.connection.ifConnected("engine.mirrored", [address]),
      ask: (card) => this.dialogs_.install(card),
      beforeReplace: async (id) => {
        await host.stop(id, "The plugin was replaced by another version.");
      },
      permissionsOf: async (source, known) =>
        known ? carriedOver(await this.permissions.of(known), source) : defaultPermissions(source),
      keepPermissions: (installed, permissions) => this.permissions.keep(installed, permissions),
      onInstalled: async (installed) => {
        this.entries.set(installed, await settings.all(installed.id, "form"));
        await operators.forget(installed.id);
        const { name } = installed.source.manifest;
        this.notices_.notify("success", `${name} is installed.`);
        await pluginWindows.reload(installed);
      },
    });
  }

  private async loadInstalled(room: Room): Promise<void> {
    const installed = await room.catalog.load(({ code }, error) => {
      const name = /"name"\s*:\s*"([^"]*)"/.exec(code)?.[1] ?? "a plugin";
      this.notices_.fail(toFailure(error, `Loading ${name}, which was installed before`));
    });
    for (const plugin of installed) {
      this.entries.set(plugin, await room.settings.all(plugin.id, "form"));
      await this.forms.load(plugin.id);
      await room.operators.load(plugin.id);
    }
    if (!room.database.lasting) {
      this.notices_.notify(
        "info",
        "This browser keeps nothing for this page: plugins are gone when you close it.",
      );
    }
  }

  private async readLists(): Promise<void> {
    const [samples] = await Promise.all([readSamples(this.base), this.library.read()]);
    this.samples.set(samples);
  }

  private async install(
    what: string,
    run: (room: Room) => Promise<string | null>,
  ): Promise<string | null> {
    try {
      return await run(this.need());
    } catch (error) {
      if (!isCancelled(error)) this.notices_.fail(toFailure(error, `Installing ${what}`));
      return null;
    }
  }

  private showOnce(title: string, content: Parameters<Windows["open"]>[0]["content"]): void {
    const open = this.windows_.store
      .get()
      .find((window) => window.title === title && window.content.kind === content.kind);
    if (open) this.windows_.active.set(open.id);
    else this.windows_.open({ title, content });
  }

  private need(): Room {
    if (this.room) return this.room;
    throw new Error("The workbench has not been started.");
  }
}
