/** Starts, runs and stops plugins, and knows which plugin speaks from which address. */
import { isWithin, type OnTransfer } from "@imjoy/rpc";
import type { Failure, LogLine } from "../model";
import type { Catalog, Installed } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import type { Entries } from "./entries";
import { FrameProcess, maybeStuck } from "./frame-process";
import { Instances, type Speaker } from "./instances";
import { attachToEngine, type House, type Instance, type Launch, runtimes } from "./runtimes";
import { Starts } from "./starts";

/** Who called a service. */
export interface Caller {
  plugin: Installed;
  address: string;
  /** The window in which the caller lives, of window plugins. */
  window: string | null;
}

export interface RunOptions {
  signal?: AbortSignal | undefined;
  onTransfer?: OnTransfer | undefined;
}

export class PluginHost {
  /** Ends when the plugins that ran on while the page was loaded again are known. */
  resuming: Promise<unknown> = Promise.resolve();

  private readonly instances = new Instances();
  private readonly runs = new Map<string, number>();
  private readonly starts: Starts;
  private readonly house: House;
  /** The process that the frames of all plugins share. */
  readonly frames: FrameProcess;

  constructor(
    house: Omit<House, "warm">,
    private readonly catalog: Catalog,
    private readonly entries: Entries,
    private readonly jobs: Jobs,
  ) {
    this.frames = new FrameProcess(house, this.instances, entries);
    this.house = { ...house, warm: this.frames.warm };
    this.starts = new Starts({
      house: this.house,
      frames: this.frames,
      instances: this.instances,
      entries,
      jobs,
      launch: (plugin, job) => this.launch(plugin, job, null),
    });
  }

  /** The installed plugin of that name or id. @throws RpcError plugin.not_found */
  find(name: string): Installed {
    const found = this.catalog.byName(name) ?? this.catalog.get(name);
    if (found) return found;
    const cause = `There is no plugin "${name}".`;
    const remedy = "Install it first, or check the name.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }

  instanceOf(id: string): Instance | undefined {
    return this.instances.get(id);
  }

  /** Who speaks from that address. Calls may come from a Python worker before its start is over. */
  async callerOf(address: string): Promise<Caller> {
    const speaker = this.instances.speaker(address) ?? (await this.newSpeaker(address));
    const plugin = speaker && this.catalog.get(speaker.id);
    if (!speaker || !plugin) {
      throw codedError("plugin.permission", "Only plugins that run may call the workbench.");
    }
    return { plugin, address, window: speaker.window };
  }

  /** Lets somebody speak as a plugin from an address, such as the page in which this one is embedded. */
  introduce(address: string, id: string): void {
    this.instances.introduce(address, { id, window: null });
  }

  /** Nobody speaks from that address any more. */
  dismiss(address: string): void {
    this.instances.dismiss(address);
  }

  /** Starts a plugin, or waits for the start that is going on. Failures also show in its entry. */
  start(id: string): Promise<Instance> {
    const running = this.instances.get(id);
    if (running && !this.reachable(running)) return Promise.reject(this.house.engine.missing());
    if (running && this.isElsewhere(id, running)) {
      return this.leave(id, running).then(() => this.start(id));
    }
    if (running) return Promise.resolve(running);
    const starting = this.starts.get(id);
    if (starting) return starting;
    const plugin = this.catalog.get(id);
    if (!plugin) return Promise.reject(codedError("plugin.not_found", "The plugin was removed."));
    return this.starts.begin(plugin);
  }

  /**
   * Starts a plugin for another one, which gets it even when its `setup` fails: it may need only what
   * works without. `onHalfway` is then told why.
   */
  async startFor(id: string, onHalfway: (error: unknown) => void): Promise<Instance> {
    const before = this.instances.getHalfway(id);
    if (before) return before;
    const started = this.start(id);
    this.starts.noteOther(id);
    try {
      return await started;
    } catch (error) {
      const instance = this.instances.getHalfway(id);
      if (!instance) throw error;
      onHalfway(error);
      return instance;
    }
  }

  /** Takes over a plugin that ran on while the page was loaded again; null when it does not. */
  async reattach(plugin: Installed): Promise<Instance | null> {
    const { id } = plugin;
    const { name } = plugin.source.manifest;
    if (this.instances.has(id) || this.starts.has(id)) return null;
    const job = this.jobs.start(id, `Finding ${name} again`, "Finding it again");
    const instance = await attachToEngine(this.house, this.launch(plugin, job, null)).catch(
      () => null,
    );
    job.finish("done");
    if (instance === null) return null;
    this.instances.add(id, instance);
    this.entries.change(id, { state: "ready", progress: null, status: "" });
    return instance;
  }

  /** Waits for a call of `run` that was made before the page was loaded again. */
  async resumeRun(id: string, call: string, options: RunOptions): Promise<unknown> {
    const instance = this.instances.get(id);
    if (!instance) throw codedError("plugin.not_found", "The plugin does not run any more.");
    return this.asRunning(id, () => {
      const outcome = this.house.peer.adopt(call, instance.address, options);
      const fetched = this.house.engine.call("engine.fetch", [call]);
      fetched.catch(() => undefined);
      return outcome;
    });
  }

  /** Starts a plugin in a frame of its own for a window; the caller owns the instance. */
  async startWindow(
    plugin: Installed,
    window: string,
    container: HTMLElement,
    job: JobHandle,
    onExit: (failure: Failure) => void,
  ): Promise<Instance> {
    const launch = { ...this.launch(plugin, job, window), container, onExit };
    let instance: Instance | undefined;
    try {
      await this.frames.settled;
      instance = await runtimes[plugin.source.manifest.type](this.house, launch);
      if (instance.methods.includes("setup")) {
        // Its window is seen already: some wait here for what the user does in it.
        job.update({ step: "Setting up" });
        await this.house.peer.call(instance.address, "setup", [], { signal: job.signal });
      }
      if (instance.element) this.frames.warm.keep();
      return instance;
    } catch (error) {
      this.instances.dismissAll((speaker) => speaker.window === window);
      // Its window may stay, for the next version of a plugin that is being written.
      await instance?.stop("It could not be set up.", maybeStuck(error));
      if (maybeStuck(error)) await this.frames.recover(plugin.source.manifest.name);
      throw error;
    }
  }

  windowClosed(window: string): void {
    this.instances.dismissAll((speaker) => speaker.window === window);
  }

  /**
   * Calls a method of an instance. A cancelled call that does not end within seconds is ended by
   * stopping the plugin, which `onStuck` does.
   */
  async call(
    instance: Instance,
    method: string,
    args: unknown[],
    options: RunOptions,
    onStuck: () => Promise<void>,
  ): Promise<unknown> {
    const { signal } = options;
    const ended = instance.watch?.();
    try {
      return await this.house.peer.call(instance.address, method, args, options);
    } catch (error) {
      if (signal?.aborted && !(await instance.settle())) await onStuck();
      throw error;
    } finally {
      ended?.();
    }
  }

  /** Starts a plugin if needed and calls `run`. @returns what `run` returned */
  async run(id: string, context: unknown, options: RunOptions = {}): Promise<unknown> {
    const instance = await this.start(id);
    if (!instance.methods.includes("run")) {
      const cause = "The plugin has no function `run`.";
      const remedy = "It does its work for other plugins, or when it starts.";
      throw codedError("rpc.method_not_found", `${cause} ${remedy}`, { cause, remedy });
    }
    const stop = () => this.stopStuck(id);
    return this.asRunning(id, () => this.call(instance, "run", [context], options, stop));
  }

  /** Calls a function that a plugin registered, as its `run` is called. */
  async runFunction(
    id: string,
    { peer, target }: { peer: string; target: string },
    context: unknown,
    options: RunOptions,
  ): Promise<unknown> {
    const instance = this.instances.get(id);
    const stop = () => this.stopStuck(id);
    return this.asRunning(id, () =>
      instance?.address === peer
        ? this.call(instance, target, [context], options, stop)
        : this.house.peer.call(peer, target, [context], options),
    );
  }

  private async stopStuck(id: string): Promise<void> {
    await this.stop(id, "It did not stop by itself after it was cancelled, so it was ended.", true);
    await this.frames.recover(this.nameOf(id));
  }

  private nameOf(id: string): string {
    return this.catalog.get(id)?.source.manifest.name ?? "A plugin";
  }

  /** Ends a plugin, or its start. It can be started again. */
  async stop(id: string, reason = "The plugin was stopped.", stuck = false): Promise<void> {
    if (this.starts.has(id) || this.instances.has(id)) {
      this.entries.change(id, { state: "stopping" });
    }
    await this.starts.cancel(id);
    await this.starts.endHalfway(id);
    const busy = (this.runs.get(id) ?? 0) > 0;
    const instance = this.instances.release(id);
    if (instance) {
      this.entries.log(id, "info", reason);
      await instance.stop(reason, stuck);
      this.instances.dismiss(instance.address);
      // What it was doing goes on without its frame when it is a loop that never ends.
      if (instance.element && busy && !stuck) this.frames.recoverSoon(this.nameOf(id));
    }
    if (!this.instances.has(id) && !this.starts.has(id)) {
      this.entries.change(id, { state: "installed", progress: null, status: "", failure: null });
    }
  }

  /** It works for a workspace that is not open any more, and has nothing to do there. */
  private isElsewhere(id: string, { workspace }: Instance): boolean {
    const moved = workspace !== undefined && workspace !== this.house.workspace();
    return moved && !this.runs.get(id);
  }

  /** Each workspace has a process of its own; the one of another workspace is let go. */
  private async leave(id: string, instance: Instance): Promise<void> {
    const reason = `It ran for the workspace ${instance.workspace}; this one gets a process of its own.`;
    this.instances.take(id);
    this.entries.log(id, "info", reason);
    await instance.leave?.(reason);
  }

  /** The engine is away; its plugins may still run there and are kept until it is back. */
  engineLost(): void {
    for (const [id, instance] of this.instances.all()) {
      if (isWithin(instance.address, this.house.peer.address)) continue;
      this.entries.change(id, { status: "The engine is not connected." });
    }
  }

  /** After the engine was lost or changed: its plugins that are not in `alive` no longer run. */
  dropEnginePlugins(alive: ReadonlySet<string>, reason: string): void {
    for (const [id, instance] of this.instances.all()) {
      if (isWithin(instance.address, this.house.peer.address)) continue;
      if (alive.has(id)) {
        this.entries.change(id, { status: "" });
        continue;
      }
      this.instances.take(id);
      this.entries.log(id, "info", reason);
      this.entries.change(id, { state: "installed", progress: null, status: "" });
    }
  }

  log(id: string, level: LogLine["level"], text: string): void {
    this.entries.log(id, level, text);
  }

  private reachable({ address }: Instance): boolean {
    return isWithin(address, this.house.peer.address) || this.house.engine.address !== null;
  }

  private launch(plugin: Installed, job: JobHandle, window: string | null): Launch {
    const { id, source } = plugin;
    return {
      id,
      source,
      job,
      signal: job.signal,
      log: (level, text, time) => this.entries.log(id, level, text, time),
      onAddress: (address) => this.instances.introduce(address, { id, window }),
      onExit: (failure) => this.exited(id, failure),
      onStuck: () => void this.frames.recover(source.manifest.name, true),
    };
  }

  private exited(id: string, failure: Failure): void {
    if (this.instances.take(id)) this.entries.fail(id, failure);
  }

  /** Does some work of a plugin, which shows as running meanwhile. */
  private async asRunning<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.countRun(id, 1);
    try {
      return await work();
    } finally {
      this.countRun(id, -1);
    }
  }

  private countRun(id: string, by: number): void {
    const count = (this.runs.get(id) ?? 0) + by;
    this.runs.set(id, count);
    if (this.instances.has(id)) this.entries.change(id, { state: count > 0 ? "running" : "ready" });
  }

  /** A new worker of the engine that already calls can only be one of the plugins that are starting. */
  private async newSpeaker(address: string): Promise<Speaker | undefined> {
    const engine = this.house.engine.address;
    if (engine === null || !isWithin(address, engine)) return undefined;
    const python = this.starts
      .all()
      .filter(([id]) => /python$/.test(this.catalog.get(id)?.source.manifest.type ?? ""));
    if (python.length === 1) return { id: (python[0] as [string, unknown])[0], window: null };
    await Promise.allSettled([this.resuming, ...python.map(([, start]) => start)]);
    return this.instances.speaker(address);
  }
}
