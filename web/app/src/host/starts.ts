/** Starts of plugins: one at a time of each, to the end or, for other plugins, as far as it goes. */
import type { PluginSource } from "../model";
import type { Installed } from "../plugins/catalog";
import { codedError, isCancelled } from "../plugins/failure";
import { startFailure } from "../plugins/plugin-failure";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import type { Entries } from "./entries";
import { type FrameProcess, maybeStuck } from "./frame-process";
import type { Instances } from "./instances";
import { type House, type Instance, type Launch, runtimes } from "./runtimes";

interface Start {
  promise: Promise<Instance>;
  job: JobHandle;
  /** Another plugin waits for it, and takes it as far as it comes. */
  forOther: boolean;
}

export interface StartParts {
  house: House;
  frames: FrameProcess;
  instances: Instances;
  entries: Entries;
  jobs: Jobs;
  launch(plugin: Installed, job: JobHandle): Launch;
}

export class Starts {
  private readonly going = new Map<string, Start>();

  constructor(private readonly parts: StartParts) {}

  has(id: string): boolean {
    return this.going.has(id);
  }

  get(id: string): Promise<Instance> | undefined {
    return this.going.get(id)?.promise;
  }

  /** Those that have begun and not ended. */
  all(): [string, Promise<Instance>][] {
    return [...this.going].map(([id, { promise }]) => [id, promise]);
  }

  begin(plugin: Installed): Promise<Instance> {
    const { jobs, entries } = this.parts;
    const { id, source } = plugin;
    const job = jobs.start(id, `Starting ${source.manifest.name}`, "Starting");
    entries.change(id, { state: "starting", failure: null, status: "", progress: null });
    const promise = this.start(plugin, job).finally(() => this.going.delete(id));
    this.going.set(id, { promise, job, forOther: false });
    return promise;
  }

  /** From now on another plugin waits for this start, and takes the plugin even when its `setup` fails. */
  noteOther(id: string): void {
    const start = this.going.get(id);
    if (start) start.forOther = true;
  }

  /** Cancels a start, and waits for its end. */
  async cancel(id: string): Promise<void> {
    const start = this.going.get(id);
    if (!start) return;
    for (const job of this.parts.jobs.store.get()) if (job.id === start.job.id) job.cancel?.();
    await start.promise.catch(() => undefined);
  }

  /** Ends what was kept for others of a plugin whose `setup` failed. */
  async endHalfway(id: string): Promise<void> {
    const instance = this.parts.instances.takeHalfway(id);
    await instance?.stop("The plugin was started again, or stopped.");
  }

  private async start(plugin: Installed, job: JobHandle): Promise<Instance> {
    const { house, frames, instances, entries, launch } = this.parts;
    const { id, source } = plugin;
    let instance: Instance | null = null;
    await this.endHalfway(id);
    try {
      await frames.settled;
      instance = await runtimes[source.manifest.type](house, launch(plugin, job));
      const first = instance.resumed ? "resume" : "setup";
      if (instance.methods.includes(first)) {
        job.update({ step: instance.resumed ? "Resuming" : "Setting up" });
        await house.peer.call(instance.address, first, [], { signal: job.signal });
      }
      if (job.signal.aborted) throw codedError("rpc.cancelled", "The start was cancelled.");
      instances.add(id, instance);
      entries.change(id, { state: "ready", progress: null, status: "" });
      job.finish("done");
      if (instance.element) frames.warm.keep();
      return instance;
    } catch (error) {
      await this.failed(plugin, job, instance, error);
      throw error;
    }
  }

  private async failed(
    { id, source }: Installed,
    job: JobHandle,
    instance: Instance | null,
    error: unknown,
  ): Promise<void> {
    const { frames, instances } = this.parts;
    const { name, type } = source.manifest;
    const wanted = this.going.get(id)?.forOther && !job.signal.aborted && !maybeStuck(error);
    if (instance && wanted && type !== "native-python") instances.addHalfway(id, instance);
    else {
      await instance?.stop("The plugin could not be started.");
      instances.dismissAll((speaker) => speaker.id === id && speaker.window === null);
    }
    this.tell(id, source, job, error);
    if (type !== "native-python" && maybeStuck(error)) await frames.recover(name);
  }

  private tell(id: string, source: PluginSource, job: JobHandle, error: unknown): void {
    const { entries } = this.parts;
    if (job.signal.aborted || isCancelled(error)) {
      job.finish("cancelled");
      entries.change(id, { state: "installed", progress: null, status: "" });
      return;
    }
    const failure = startFailure(error, source);
    job.fail(failure);
    entries.fail(id, failure);
  }
}
