/** Windows of plugins: each run of a window plugin is a new frame in a new window. */
import type { Caller, PluginHost } from "../host/host";
import type { Instance } from "../host/runtimes";
import type { Failure, WindowModel } from "../model";
import type { Installed } from "../plugins/catalog";
import { codedError, isCancelled } from "../plugins/failure";
import { hasWindow } from "../plugins/manifest";
import { pluginFailure } from "../plugins/plugin-failure";
import type { Dialogs } from "../workspaces/dialogs";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import type { Windows } from "../workspaces/windows";
import { runContext } from "./context";
import { type WindowApi, WindowHandle } from "./window-handle";

export interface WindowRequest {
  name?: string;
  data?: unknown;
  config?: Record<string, unknown>;
  dialog?: boolean;
  [option: string]: unknown;
}

export interface PluginWindowParts {
  host: PluginHost;
  windows: Windows;
  dialogs: Dialogs;
  jobs: Jobs;
  /** Calls a function of a plugin through the page's peer. */
  remote(address: string, method: string): (...args: unknown[]) => Promise<unknown>;
  configOf(plugin: string): Record<string, unknown>;
  /** Shows in the plugin list how many windows of it are open, or why one failed. */
  onState(plugin: string, state: "starting" | "ready" | "running" | "installed"): void;
  onFailure(plugin: string, failure: Failure): void;
}

/** Seconds within which the shell must give a window its place. */
const MOUNT_SECONDS = 20;

interface Open {
  plugin: Installed;
  model: WindowModel;
  handle: WindowHandle;
  job: JobHandle;
  request: WindowRequest;
  container: HTMLElement | null;
  instance: Instance | null;
}

export class PluginWindows {
  private readonly windows = new Map<string, Open>();
  constructor(private readonly parts: PluginWindowParts) {
    parts.host.frames.onLost = (reason) => void this.restartAll(reason);
    parts.windows.active.subscribe((id) => {
      if (id !== null) this.windows.get(id)?.handle.tell("focus", null);
    });
  }

  handle(window: string): WindowHandle | undefined {
    return this.windows.get(window)?.handle;
  }

  /** What a window was opened with. */
  dataOf(window: string): unknown {
    return this.windows.get(window)?.request.data;
  }

  /** What runs in the open windows of one plugin. */
  instancesOf(plugin: string): Instance[] {
    const open = [...this.windows.values()].filter((one) => one.plugin.id === plugin);
    return open.flatMap(({ instance }) => (instance ? [instance] : []));
  }

  /** Handles of all open windows of plugins. */
  list(): { plugin: Installed; handle: WindowHandle }[] {
    return [...this.windows.values()];
  }

  /**
   * Opens a window of the plugin, sets it up and runs it.
   * @param id given when the window was open before and comes back
   * @returns the window as its opener sees it: the plugin's methods and close, focus, resize, on, off, emit
   */
  async open(
    plugin: Installed,
    request: WindowRequest,
    opener: Caller | null,
    signal?: AbortSignal,
    id?: string,
  ): Promise<WindowApi> {
    const { jobs } = this.parts;
    const { name, defaults } = plugin.source.manifest;
    const job = jobs.start(plugin.id, `Opening ${name}`, "Opening its window");
    const abort = (): void => this.cancel(job);
    signal?.addEventListener("abort", abort);
    const asDialog = request.dialog === true || defaults.as_dialog === true;
    let open: Open | null = null;
    try {
      const place = this.makeWindow(plugin, request, { asDialog, id }, opener, job);
      open = place.open;
      this.showState(plugin.id, "starting");
      open.container = await this.mounted(place.mounted, job);
      await this.startIn(open, open.container, job);
      job.finish("done");
      this.showState(plugin.id);
      open.handle.emitToOpener("ready", null);
      return open.handle.api();
    } catch (error) {
      const failure = pluginFailure(error, `Opening ${name}`, plugin.source);
      // Closing the window cancels the job, so what the user did is looked at first.
      const cancelled = job.signal.aborted || isCancelled(error);
      if (open) this.close(open.model.id);
      if (cancelled) job.finish("cancelled");
      else {
        job.fail(failure);
        this.parts.onFailure(plugin.id, failure);
      }
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Closes the windows of one plugin. */
  closeAll(plugin: string): void {
    for (const [id, open] of this.windows) if (open.plugin.id === plugin) this.close(id);
  }

  close(id: string, stuck = false): void {
    const open = this.windows.get(id);
    if (stuck) void open?.instance?.stop("The window was closed.", true);
    this.parts.dialogs.close(id);
    this.parts.windows.close(id);
  }

  /** Puts a plugin that was installed anew in the places of its open windows, run with the same data. */
  async reload(plugin: Installed): Promise<void> {
    const opened = [...this.windows.values()].filter((open) => open.plugin.id === plugin.id);
    for (const open of opened) {
      const { model, instance } = open;
      if (!hasWindow(plugin.source.manifest)) this.close(model.id);
      else if (open.container) {
        open.plugin = plugin;
        open.instance = null;
        this.parts.host.windowClosed(model.id);
        await instance?.stop("The plugin was replaced by another version.");
        await this.restart(open, true);
      }
    }
  }

  /** Starts the plugins of all open windows anew, each in its window. */
  private async restartAll(reason: string): Promise<void> {
    const opened = [...this.windows.values()].filter(({ instance }) => instance !== null);
    await Promise.all(opened.map(({ instance }) => instance?.stop(reason, true)));
    for (const open of opened) {
      open.instance = null;
      this.parts.host.log(open.plugin.id, "error", reason);
      if (open.container && this.windows.has(open.model.id)) await this.restart(open, false);
    }
  }

  private async restart(open: Open, keeps: boolean): Promise<void> {
    const { plugin, model } = open;
    const { name } = plugin.source.manifest;
    const job = this.parts.jobs.start(plugin.id, `Opening ${name} again`, "Starting");
    open.job = job;
    try {
      await this.startIn(open, open.container as HTMLElement, job);
      job.finish("done");
      this.showState(plugin.id);
    } catch (error) {
      const failure = pluginFailure(error, `Opening ${name} again`, plugin.source);
      job.fail(failure);
      this.parts.onFailure(plugin.id, failure);
      // While a plugin is being written its window waits for the next version.
      if (!keeps) this.close(model.id);
    }
  }

  private makeWindow(
    plugin: Installed,
    request: WindowRequest,
    { asDialog, id }: { asDialog: boolean; id: string | undefined },
    opener: Caller | null,
    job: JobHandle,
  ): { open: Open; mounted: Promise<HTMLElement> } {
    const { windows, dialogs } = this.parts;
    const { name, flags } = plugin.source.manifest;
    let onMounted: (container: HTMLElement) => void = () => undefined;
    const mounted = new Promise<HTMLElement>((resolve) => {
      onMounted = resolve;
    });
    let open: Open | null = null;
    const events = {
      mounted: (container: HTMLElement) => {
        onMounted(container);
        const element = open?.instance?.element;
        if (element && element.parentElement !== container) move(element, container);
      },
      resized: (width: number, height: number) => {
        open?.handle.tell("resize", { width, height });
        open?.handle.tell("window_size_changed", { width, height });
      },
      closing: () => {
        const { element, methods = [] } = open?.instance ?? {};
        if (element && methods.includes("exit")) keepUnseen(element);
      },
      closed: () => {
        if (open) this.closed(open);
      },
    };
    const content = { kind: "frame", plugin: plugin.id } as const;
    const title = typeof request.name === "string" && request.name ? request.name : name;
    const beside = opener?.window ?? undefined;
    const wish = { ...plugin.source.manifest.defaults, ...request };
    const fullscreen = wish.fullscreen === true || wish.standalone === true;
    const model = asDialog
      ? windows.make({ title, content, id }, events)
      : windows.open({ title, content, beside, id, fullscreen }, events);
    const handle = new WindowHandle(
      { id: model.id, name: title, type: name, tag: plugin.source.tag, flags },
      {
        windows,
        close: () => this.close(model.id),
        isOpen: () => this.windows.has(model.id),
        remote: this.parts.remote,
      },
    );
    open = { plugin, model, handle, job, request, container: null, instance: null };
    this.windows.set(model.id, open);
    if (asDialog) dialogs.window(model, () => this.close(model.id));
    return { open, mounted };
  }

  private async startIn(open: Open, container: HTMLElement, job: JobHandle): Promise<void> {
    const { host, configOf } = this.parts;
    const { plugin, model, handle, request } = open;
    const { name } = plugin.source.manifest;
    const instance = await host.startWindow(plugin, model.id, container, job, (failure) => {
      // Its frame goes after its window; another one may be open under the id by then.
      if (!this.windows.has(model.id)) return;
      this.parts.onFailure(plugin.id, failure);
      this.close(model.id);
    });
    if (job.signal.aborted || !this.windows.has(model.id)) {
      await instance.stop("The window was closed.");
      throw codedError("rpc.cancelled", "The window was closed while it was opening.");
    }
    open.instance = instance;
    handle.setInstance(instance);
    if (!instance.methods.includes("run")) return;
    job.update({ step: "Running" });
    const { data, config, name: title } = request;
    const given = { data, config, name: title, window_id: model.id };
    const context = runContext(name, configOf(plugin.id), given);
    const result = await host.call(instance, "run", [context], { signal: job.signal }, async () => {
      this.close(model.id, true);
      await host.frames.recover(name);
    });
    handle.addFacts(result);
  }

  private mounted(container: Promise<HTMLElement>, job: JobHandle): Promise<HTMLElement> {
    return new Promise((resolve, reject) => {
      const cause = `The page gave the window no place within ${MOUNT_SECONDS} seconds.`;
      const remedy = "Reload the page and open it again.";
      const timer = setTimeout(
        () => reject(codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy })),
        MOUNT_SECONDS * 1000,
      );
      job.signal.addEventListener("abort", () =>
        reject(codedError("rpc.cancelled", "Opening the window was cancelled.")),
      );
      void container.then(resolve).finally(() => clearTimeout(timer));
    });
  }

  private closed(open: Open): void {
    const { model, plugin, instance, handle, job } = open;
    if (!this.windows.delete(model.id)) return;
    this.cancel(job);
    handle.tell("close", null);
    if (instance) void this.end(instance);
    else this.parts.host.windowClosed(model.id);
    this.showState(plugin.id);
  }

  /** It may do what it has to at its end, for which it is still heard. */
  private async end(instance: Instance): Promise<void> {
    await instance.stop("The window was closed.");
    this.parts.host.dismiss(instance.address);
  }

  private showState(plugin: string, state?: "starting"): void {
    const count = this.list().filter((open) => open.plugin.id === plugin).length;
    this.parts.onState(plugin, state ?? (count > 0 ? "ready" : "installed"));
  }

  private cancel(job: JobHandle): void {
    for (const shown of this.parts.jobs.store.get()) {
      if (shown.id === job.id && shown.state === "running") shown.cancel?.();
    }
  }
}

type Movable = HTMLElement & { moveBefore?: (node: Node, child: Node | null) => void };

/** Moves a frame without reloading it, where the browser can. */
function move(element: HTMLElement, container: Movable): void {
  if (element.isConnected && container.moveBefore) container.moveBefore(element, null);
  else container.append(element);
}

/** A frame goes with its window, unless it is elsewhere by then. */
function keepUnseen(element: HTMLElement): void {
  const body: Movable = document.body;
  if (!element.isConnected || !body.moveBefore) return;
  element.hidden = true;
  body.moveBefore(element, null);
}
