/** A workbench without a browser, for tests: plugins are peers in memory with the methods that a test gives. */
import { newId, Peer, Router } from "@imjoy/rpc";
import type { EngineConnection } from "../engines/connection";
import { Entries } from "../host/entries";
import { PluginHost } from "../host/host";
import type { Libraries } from "../host/libraries";
import { PluginPermissions } from "../host/permissions";
import type { House, Runtime } from "../host/runtimes";
import { type DialogRequest, Store } from "../model";
import { Catalog, type PluginRecord } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import { parsePlugin } from "../plugins/parser";
import { memoryDatabase } from "../workspaces/database";
import { Dialogs } from "../workspaces/dialogs";
import { Items } from "../workspaces/items";
import { Jobs } from "../workspaces/jobs";
import { Notices } from "../workspaces/notices";
import { Settings } from "../workspaces/settings";
import { UndoStack } from "../workspaces/undo";
import { Windows } from "../workspaces/windows";
import type { Workspaces } from "../workspaces/workspaces";
import type { Desk } from "./desk";
import { EngineFiles } from "./engine-files";
import { Forms } from "./forms";
import { allServices, exportServices } from "./index";
import { Operators } from "./operators";
import { PluginWindows } from "./plugin-windows";
import { Registry } from "./registry";
import { RunInputs } from "./run-inputs";

export type Methods = Record<string, (...args: never[]) => unknown>;

export class Bench {
  /** The folder of the workspace that is open. */
  workspace = "default";
  readonly router = new Router(newId());
  readonly peer = new Peer({
    address: this.router.address,
    send: (f, t) => this.router.send(f, t),
  });
  readonly database = memoryDatabase();
  readonly catalog = new Catalog(this.database.table<PluginRecord>("plugins"));
  readonly entries = new Entries();
  readonly jobs = new Jobs();
  readonly undo = new UndoStack({ told: () => undefined, failed: () => undefined });
  readonly forms: Forms;
  readonly operators: Operators;
  readonly desk: Desk;
  readonly saved: { name: string; text: string }[] = [];
  readonly opened: string[] = [];
  readonly stopped: string[] = [];
  files: File[] | null = null;
  readonly permissions: PluginPermissions;
  readonly methods = new Map<string, Methods>();
  readonly peers = new Map<string, Peer>();

  constructor() {
    this.router.local = this.peer;
    const missing = () => codedError("rpc.peer_gone", "no engine");
    const settings = new Settings(this.database);
    const dialogs = new Dialogs();
    this.permissions = new PluginPermissions({
      settings: () => settings,
      plugin: (id) => this.catalog.get(id),
      ask: (question) => dialogs.confirm(question),
      show: () => undefined,
      onChanged: async () => undefined,
    });
    const house: ConstructorParameters<typeof PluginHost>[0] = {
      permissions: this.permissions,
      storage: async () => ({}),
      peer: this.peer,
      router: this.router,
      engine: { address: null, missing } as unknown as EngineConnection,
      libraries: {} as Libraries,
      base: new URL("http://localhost/"),
      services: () => [],
      python: {} as House["python"],
      workspace: () => this.workspace,
      agreements: { get: async () => [], add: async () => undefined },
      confirm: async () => true,
      sdk: "",
      hidden: () => ({}) as HTMLElement,
    };
    const host = new PluginHost(house, this.catalog, this.entries, this.jobs);
    const windows = new Windows();
    const items = new Items();
    const forms = new Forms({
      entries: this.entries,
      undo: this.undo,
      desk: () => this.desk,
      changed: () => undefined,
    });
    const registry = new Registry();
    this.operators = new Operators({ registry, entries: this.entries, forms, settings });
    windows.store.subscribe((open) => {
      for (const { id, content } of open) {
        if (content.kind === "frame") queueMicrotask(() => windows.mount(id, {} as HTMLElement));
      }
    });
    this.forms = forms;
    this.desk = {
      peer: this.peer,
      host,
      catalog: this.catalog,
      windows,
      dialogs,
      items,
      jobs: this.jobs,
      runInputs: new RunInputs(windows),
      forms,
      operators: this.operators,
      pluginWindows: new PluginWindows({
        host,
        windows,
        dialogs,
        jobs: this.jobs,
        configOf: (id) => forms.answers(id),
        remote: (address, method) => this.peer.remote(address, method),
        onState: (id, state) => this.entries.change(id, { state }),
        onFailure: (id, failure) => this.entries.fail(id, failure),
      }),
      notices: new Notices(),
      settings,
      permissions: this.permissions,
      files: new EngineFiles({
        engine: house.engine,
        jobs: this.jobs,
        dialogs,
        base: house.base,
        openFiles: async () => undefined,
      }),
      registry,
      views: new Map(),
      workspace: () => this.workspace,
      workspaces: () => ({ addTo: this.addTo, open: async () => undefined }),
      readers: {
        readImage: () => Promise.reject(new Error("no files here")),
        readImageUrl: () => Promise.reject(new Error("no files here")),
      },
      status: new Store<{ text: string; progress: number | null }>({ text: "", progress: null }),
      setProgress: (id, progress) => this.entries.change(id, { progress }),
      openImage: (name, image, origin, beside) => {
        const item = items.add(name, image, origin);
        return windows.open({ title: name, content: { kind: "image", item: item.id }, beside }).id;
      },
      install: async () => null,
      remove: async () => undefined,
      begin: () => undefined,
      fail: () => undefined,
    };
    const services = allServices({
      choose: async () => this.files,
      save: (blob, name) => void blob.text().then((text) => this.saved.push({ name, text })),
      openTab: (url) => this.opened.push(url),
    });
    exportServices(this.peer, this.desk, services);
  }

  /** What was sent to workspaces that are not open; they are there when `others` has them. */
  readonly sent: { workspace: string; titles: string[]; images: number }[] = [];
  others: string[] = [];
  private readonly addTo: Workspaces["addTo"] = async (workspace, windows, { length: images }) => {
    if (!this.others.includes(workspace)) return false;
    this.sent.push({ workspace, titles: windows.map(({ title }) => title), images });
    return true;
  };

  readonly runtime: Runtime = async (house, launch) => {
    const name = launch.source.manifest.name;
    const address = `${this.peer.address}/${newId()}`;
    launch.onAddress(address);
    const send = (frame: Parameters<Router["route"]>[0]) => this.router.route(frame, address);
    const peer = new Peer({ address, send });
    this.router.attach(address, (frame) => peer.receive(frame));
    const methods = this.methods.get(name) ?? {};
    for (const [method, run] of Object.entries(methods)) peer.export(method, run);
    this.peers.set(name, peer);
    return {
      address,
      methods: Object.keys(methods),
      values: {},
      settle: async () => !this.stuck,
      emit: (event, value) => void house.peer.call(address, "event", [event, value]).catch(() => 0),
      stop: async (reason) => {
        this.stopped.push(name);
        this.router.detach(address, reason);
      },
    };
  };
  stuck = false;

  async install(name: string, methods: Methods = {}, config: object = {}): Promise<string> {
    const manifest = { name, type: "web-worker", api_version: "0.1.8", ...config };
    const text = `<config>${JSON.stringify(manifest)}</config><script>0</script>`;
    const withFile = `${text}<attachment name="a.txt">A</attachment>`;
    const installed = await this.catalog.install(parsePlugin(withFile));
    this.entries.set(installed);
    this.methods.set(name, methods);
    return installed.id;
  }

  /** Starts a plugin and gives the way to call the workbench as this plugin. */
  async as(name: string, methods: Methods = {}, config: object = {}) {
    const id = await this.install(name, methods, config);
    await this.desk.host.start(id);
    const peer = this.peers.get(name) as Peer;
    const call = (target: string, ...args: unknown[]): Promise<unknown> =>
      peer.call(this.peer.address, `api.${target}`, args);
    return { id, peer, call };
  }

  /** Answers the next dialog. */
  async answer(reply: (dialog: DialogRequest) => void): Promise<DialogRequest> {
    const store = this.desk.dialogs.store;
    const dialog = await new Promise<DialogRequest>((resolve) => {
      const stop = store.subscribe(([first]) => {
        if (!first) return;
        queueMicrotask(() => {
          stop();
          resolve(first);
        });
      });
    });
    reply(dialog);
    return dialog;
  }
}
