/** The plugins that run on an engine, which go on while the page is away and while the engine is. */
import { isWithin } from "@imjoy/rpc";
import type { Catalog, Installed } from "../plugins/catalog";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import type { Entries } from "./entries";
import type { Instances, Speaker } from "./instances";
import { attachToEngine, type House, type Instance, type Launch } from "./runtimes";
import type { Starts } from "./starts";

export interface EnginePluginParts {
  house: House;
  catalog: Catalog;
  instances: Instances;
  entries: Entries;
  jobs: Jobs;
  starts: Starts;
  launch(plugin: Installed, job: JobHandle): Launch;
}

export class EnginePlugins {
  /** Ends when the plugins that ran on while the page was loaded again are known. */
  resuming: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: EnginePluginParts) {}

  /** Takes over a plugin that ran on while the page was loaded again; null when it does not. */
  async reattach(plugin: Installed): Promise<Instance | null> {
    const { house, instances, entries, jobs, starts, launch } = this.parts;
    const { id } = plugin;
    const { name } = plugin.source.manifest;
    if (instances.has(id) || starts.has(id)) return null;
    const job = jobs.start(id, `Finding ${name} again`, "Finding it again");
    const instance = await attachToEngine(house, launch(plugin, job)).catch(() => null);
    job.finish("done");
    if (instance === null) return null;
    instances.add(id, instance);
    entries.change(id, { state: "ready", progress: null, status: "" });
    return instance;
  }

  /** The engine is away; its plugins may still run there and are kept until it is back. */
  lost(): void {
    for (const [id] of this.all()) {
      this.parts.entries.change(id, { status: "The engine is not connected." });
    }
  }

  /** After the engine was lost or changed: its plugins that are not in `alive` no longer run. */
  drop(alive: ReadonlySet<string>, reason: string): void {
    const { instances, entries } = this.parts;
    for (const [id] of this.all()) {
      if (alive.has(id)) {
        entries.change(id, { status: "" });
        continue;
      }
      instances.take(id);
      entries.log(id, "info", reason);
      entries.change(id, { state: "installed", progress: null, status: "" });
    }
  }

  /** Each workspace has a process of its own; the one of another workspace is let go. */
  async leave(id: string, instance: Instance): Promise<void> {
    const reason = `It ran for the workspace ${instance.workspace}; this one gets a process of its own.`;
    this.parts.instances.take(id);
    this.parts.entries.log(id, "info", reason);
    await instance.leave?.(reason);
  }

  isReachable({ address }: Instance): boolean {
    return this.isHere(address) || this.parts.house.engine.address !== null;
  }

  /** A new worker of the engine that already calls can only be one of the plugins that are starting. */
  async newSpeaker(address: string): Promise<Speaker | undefined> {
    const { house, catalog, instances, starts } = this.parts;
    const engine = house.engine.address;
    if (engine === null || !isWithin(address, engine)) return undefined;
    const python = starts
      .all()
      .filter(([id]) => /python$/.test(catalog.get(id)?.source.manifest.type ?? ""));
    if (python.length === 1) return { id: (python[0] as [string, unknown])[0], window: null };
    await Promise.allSettled([this.resuming, ...python.map(([, start]) => start)]);
    return instances.speaker(address);
  }

  private all(): [string, Instance][] {
    return this.parts.instances.all().filter(([, { address }]) => !this.isHere(address));
  }

  /** In this page, and not on an engine. */
  private isHere(address: string): boolean {
    return isWithin(address, this.parts.house.peer.address);
  }
}
