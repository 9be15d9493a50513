/** Runs a plugin for the user: on the open image, as a job that can be cancelled, with its result shown. */
import type { Entries } from "../host/entries";
import type { RunOptions } from "../host/host";
import type { Failure } from "../model";
import type { Installed } from "../plugins/catalog";
import { isCancelled, startFailure, toFailure } from "../plugins/failure";
import { hasWindow } from "../plugins/manifest";
import { imageForPlugin } from "../workspaces/image-value";
import type { JobHandle } from "../workspaces/jobs";
import { runContext } from "./context";
import type { Desk } from "./desk";
import { dataFor } from "./loaders";
import { showResult } from "./results";

export class PluginRunner {
  constructor(
    private readonly desk: Desk,
    private readonly entries: Entries,
  ) {}

  /** Starts a plugin; one with a window is opened. */
  async start(plugin: Installed): Promise<void> {
    const { manifest } = plugin.source;
    const { name } = manifest;
    if (hasWindow(manifest)) return this.open(plugin);
    await this.desk.host
      .start(plugin.id)
      .catch((error: unknown) => this.report(error, startFailure(error, name)));
  }

  /** Runs a plugin on the image that was active last; failures are shown, never thrown. */
  async run(plugin: Installed): Promise<void> {
    if (hasWindow(plugin.source.manifest)) return this.open(plugin);
    // Fixed now: while the plugin starts, the user may go on to another window.
    const image = this.desk.windows.lastImage()?.id;
    await this.runWith(plugin, dataFor(plugin, this.dataOf(image)), image);
  }

  /** Runs a plugin on a value, such as a file that the user opened with it. */
  async runWith(
    plugin: Installed,
    data: unknown,
    image?: string,
    config?: Record<string, unknown>,
  ): Promise<void> {
    const { id, source } = plugin;
    const { name } = source.manifest;
    if (hasWindow(source.manifest)) return this.open(plugin, data, config);
    try {
      await this.desk.host.start(id);
    } catch (error) {
      this.report(error, startFailure(error, name));
      return;
    }
    await this.runStarted(plugin, { data, config }, image);
  }

  private async runStarted(
    plugin: Installed,
    given: { data: unknown; config: Record<string, unknown> | undefined },
    image: string | undefined,
  ): Promise<void> {
    const { desk, entries } = this;
    const { id, source } = plugin;
    const { name } = source.manifest;
    const job = desk.jobs.start(id, `Running ${name}`, "Running");
    const context = runContext(name, desk.configOf(id), given);
    entries.change(id, { failure: null });
    await this.finish(plugin, job, image, () => desk.host.run(id, context, watched(job)));
  }

  private async finish(
    plugin: Installed,
    job: JobHandle,
    image: string | undefined,
    run: () => Promise<unknown>,
  ): Promise<void> {
    const { desk, entries } = this;
    const { id, source } = plugin;
    const { name } = source.manifest;
    let done = false;
    try {
      const result = await run();
      job.update({ step: "Showing the result" });
      await showResult(desk, plugin, result, image);
      job.finish("done");
      done = true;
    } catch (error) {
      if (job.signal.aborted) job.finish("cancelled");
      else {
        const failure = toFailure(error, `Running ${name}`);
        job.fail(failure);
        this.runFailed(id, failure);
      }
    } finally {
      entries.change(id, { progress: null });
      // What a plugin said last stands when it is done, and is wrong when it was stopped.
      desk.status.update(({ text }) => ({ text: done ? text : "", progress: null }));
    }
  }

  /** Goes on with a run that was under way when the page was loaded again. */
  async resume(plugin: Installed, call: { id: string }): Promise<void> {
    const { desk } = this;
    const { name } = plugin.source.manifest;
    const job = desk.jobs.start(plugin.id, `Running ${name}`, "Running");
    await this.finish(plugin, job, undefined, () =>
      desk.host.resumeRun(plugin.id, call.id, watched(job)),
    );
  }

  private async open(
    plugin: Installed,
    data: unknown = this.dataOf(this.desk.windows.lastImage()?.id),
    config: Record<string, unknown> = {},
  ): Promise<void> {
    await this.desk.pluginWindows.open(plugin, { data, config }, null).catch((error: unknown) => {
      this.report(error, toFailure(error, `Opening ${plugin.source.manifest.name}`));
    });
  }

  private runFailed(id: string, failure: Failure): void {
    // A plugin that crashed has said so itself.
    if (this.entries.get(id)?.state !== "failed") {
      const text = [failure.cause, failure.detail].filter(Boolean).join("\n");
      this.entries.log(id, "error", text);
      this.entries.change(id, { failure });
    }
    this.desk.fail(failure);
  }

  private report(error: unknown, failure: Failure): void {
    if (!isCancelled(error)) this.desk.fail(failure);
  }

  private dataOf(window: string | undefined): unknown {
    const content = window === undefined ? undefined : this.desk.windows.get(window)?.content;
    if (content?.kind !== "image") return null;
    const item = this.desk.items.get(content.item);
    return item ? imageForPlugin(item.name, item.image) : null;
  }
}

/** The options of a call that a job shows: it can be cancelled, and tells how much data has moved. */
function watched(job: JobHandle): RunOptions {
  return {
    signal: job.signal,
    onTransfer: (what, done, total) => {
      if (what === "sent" && done === total)
        job.update({ step: "Running", done: 0, total: 0, unit: "" });
      else {
        const step = what === "sent" ? "Sending the data" : "Receiving the result";
        job.update({ step, done, total, unit: "bytes" });
      }
    },
  };
}
