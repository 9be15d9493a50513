/** What the page does with the environments of the engine: each step is a call to it, long ones are jobs. */
import type { EngineConnection } from "../engines/connection";
import { type EngineProgress, showProgress } from "../engines/progress";
import type {
  Collected,
  EnvironmentFacts,
  EnvironmentPreview,
  EnvironmentReport,
  EnvironmentShort,
  Environments,
  EnvironmentWish,
  PluginSource,
} from "../model";
import { codedError, toFailure } from "../plugins/failure";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import type { SaveFile } from "./saving";

/** Milliseconds for what looks at many files or asks a package index. */
const PATIENCE = 180_000;

export interface EnvironmentParts {
  engine: Pick<EngineConnection, "call">;
  jobs: Pick<Jobs, "start">;
  save: SaveFile;
  /** The installed plugin of that name. */
  find(plugin: string): { id: string; source: PluginSource } | undefined;
  /** The workspace that is open, by the name of its folder. */
  workspace(): string;
  /** Commands of a plugin that the user agreed to. */
  agreed(id: string): Promise<string[]>;
}

export class EngineEnvironments implements Environments {
  constructor(private readonly parts: EnvironmentParts) {}

  list(): Promise<EnvironmentShort[]> {
    return this.ask("list", []);
  }

  show(key: string): Promise<EnvironmentFacts> {
    return this.ask("show", [key]);
  }

  /** What the first start of a plugin will fetch. */
  preview(source: PluginSource): Promise<EnvironmentPreview> {
    return this.ask("preview", [this.describe(source)]);
  }

  verify(key: string): Promise<EnvironmentReport> {
    return this.work(`Check the environment ${key}`, ({ signal }) =>
      this.ask("verify", [key], signal),
    );
  }

  repair(key: string): Promise<EnvironmentReport> {
    return this.work(`Mend the environment ${key}`, (job) =>
      this.ask("repair", [key, teller(job)], job.signal),
    );
  }

  plan(wish: EnvironmentWish): Promise<EnvironmentPreview> {
    return this.ask("preview", [this.wanted(wish)]);
  }

  async create(wish: EnvironmentWish): Promise<string> {
    const made = await this.work(`Make the environment ${wish.name}`, (job) =>
      this.ask<{ key: string }>("create", [this.wanted(wish), teller(job)], job.signal),
    );
    return made.key;
  }

  async use(key: string, plugin: string): Promise<void> {
    const { source } = this.installed(plugin);
    await this.work(`Try the environment ${key} for ${plugin}`, ({ signal }) =>
      this.ask("use", [key, this.describe(source)], signal),
    );
  }

  async update(plugin: string): Promise<void> {
    const found = this.installed(plugin);
    const wanted = { ...this.describe(found.source), agreed: await this.parts.agreed(found.id) };
    await this.work(`Update the packages of ${plugin}`, (job) =>
      this.ask("update", [wanted, teller(job)], job.signal),
    );
  }

  async rollback(plugin: string): Promise<void> {
    await this.work(`Go back to the packages of ${plugin} before`, (job) =>
      this.ask("rollback", [plugin, teller(job)], job.signal),
    );
  }

  async remove(key: string): Promise<number> {
    return (await this.ask<{ freed: number }>("remove", [key])).freed;
  }

  collect(dryRun: boolean): Promise<Collected> {
    return this.ask("gc", [30, false, dryRun]);
  }

  async save(key: string): Promise<void> {
    const files = await this.ask<Record<string, string>>("export", [key]);
    const { strToU8, zipSync } = await import("fflate");
    const packed = zipSync(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
    );
    this.parts.save(new Blob([packed], { type: "application/zip" }), `environment-${key}.zip`);
  }

  private installed(plugin: string): { id: string; source: PluginSource } {
    const found = this.parts.find(plugin);
    if (found) return found;
    const cause = `The plugin ${plugin} is not installed here.`;
    const remedy = "Install it, then try again.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }

  /** As a plugin would ask for it. */
  private wanted({ name, python, requirements, agreed }: EnvironmentWish): Record<string, unknown> {
    const env = python ? `conda create python=${python}` : null;
    const workspace = this.parts.workspace();
    return { name, config: { env, requirements }, workspace, agreed: agreed ?? [] };
  }

  private describe({ manifest, code, tag, scripts }: PluginSource): Record<string, unknown> {
    const workspace = this.parts.workspace();
    return { name: manifest.name, config: manifest, code, tag, workspace, scripts };
  }

  private ask<T>(name: string, args: unknown[], signal?: AbortSignal): Promise<T> {
    const options = signal ? { signal } : { timeout: PATIENCE };
    return this.parts.engine.call(`env.${name}`, args, options) as Promise<T>;
  }

  private async work<T>(title: string, run: (job: JobHandle) => Promise<T>): Promise<T> {
    const job = this.parts.jobs.start("", title, title);
    try {
      const result = await run(job);
      job.finish("done");
      return result;
    } catch (error) {
      if (job.signal.aborted) job.finish("cancelled");
      else job.fail(toFailure(error, title));
      throw error;
    }
  }
}

function teller(job: JobHandle): (progress: EngineProgress) => void {
  return (progress) => showProgress(job, progress);
}
