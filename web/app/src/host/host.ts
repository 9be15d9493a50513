/** Starts, runs and stops plugins, and knows which plugin speaks from which address. */
import type { OnTransfer } from "@imjoy/rpc";
import type { Failure, LogLine } from "../model";
import type { Catalog, Installed } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import { EnginePlugins } from "./engine-plugins";
import type { Entries } from "./entries";
import { FrameProcess, maybeStuck } from "./frame-process";
import { Instances } from "./instances";
import { Runs } from "./runs";
import { type House, type Instance, type Launch, runtimes } from "./runtimes";
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
  private readonly instances = new Instances();
  private readonly runs: Runs;
  private readonly starts: Starts;
  private readonly house: House;
  /** The process that the frames of all plugins share. */
  readonly frames: FrameProcess;
  readonly onEngine: EnginePlugins;

  constructor(
    house: Omit<House, "warm">,
    private readonly catalog: Catalog,
    private readonly entries: Entries,
    jobs: Jobs,
  ) {
    this.frames = new FrameProcess(house, this.instances, entries);
    this.house = { ...house, warm: this.frames.warm };
    this.runs = new Runs(this.instances, entries);
    const parts = {
      house: this.house,
      frames: this.frames,
      instances: this.instances,
      entries,
      jobs,
      launch: (plugin: Installed, job: JobHandle) => this.launch(plugin, job, null),
    };
    this.starts = new Starts(parts);
    this.onEngine = new EnginePlugins({ ...parts, catalog, starts: this.starts });
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
    const speaker = this.instances.speaker(address) ?? (await this.onEngine.newSpeaker(address));
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
    if (running && !this.onEngine.isReachable(running))
      return Promise.reject(this.house.engine.missing());
    if (running && this.isElsewhere(id, running)) {
      return this.onEngine.leave(id, running).then(() => this.start(id));
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

  /** Waits for a call of `run` that was made before the page was loaded again. */
  async resumeRun(id: string, call: string, options: RunOptions): Promise<unknown> {
    const instance = this.instances.get(id);
    if (!instance) throw codedError("plugin.not_found", "The plugin does not run any more.");
    return this.runs.during(id, () => {
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
    return this.runs.during(id, () => this.call(instance, "run", [context], options, stop));
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
    return this.runs.during(id, () =>
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
    const busy = this.runs.isBusy(id);
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
    return moved && !this.runs.isBusy(id);
  }

  log(id: string, level: LogLine["level"], text: string): void {
    this.entries.log(id, level, text);
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
}
